"""Charts as SVG: a module for each kind of chart, with parts and a style that all share.

Here: the balance by year (`balance`), lines by year or month (`lines`), bars of shares and contributions (`bars`), and
the placebos of an event (`placebos`). All take parts from `canvas`, units from `scales`, the style from `style.css` and
words from `texts.yml`. Not here: the choice of figures (`sections`, `composition`, `events`), and files (`pictures`).
"""

"""Charts as SVG: a module for each kind, over the parts and the style that all share.

Here: the balance by year (`balance`), lines by year or month (`lines`), bars of shares and contributions (`bars`), and
the placebos of an event (`placebos`). Each draws on a `canvas` by `scales`, in the style of `style.css`, with words of
`texts.yml`. Not here: the choice of figures (`sections`, `composition`, `events`), and files (`pictures`).
"""

"""The Chromium of this machine, for tests in a browser: where it is, and options that keep it from asking hosts."""

from __future__ import annotations

import shutil

# A folder that pictures of the pages go to.
PICTURES_VARIABLE = "BILATERAL_PICTURES"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

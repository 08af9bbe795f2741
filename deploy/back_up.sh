#!/bin/sh
# Back up what nobody else has: back_up.sh WAREHOUSE FOLDER DAYS
# Snapshots never change and are put in place by a rename, so they can be copied while the services run.
set -eu
file="$2/bilateral-$(date +%F).tar.gz"
cd "$1"
# Nothing is in the archive before the first refresh.
tar --create --gzip --file "$file.half" --exclude .half $(ls -d archive/snapshots 2>/dev/null || true) corrections claims reference
tar --list --file "$file.half" >/dev/null
mv "$file.half" "$file"
find "$2" -name "bilateral-*.tar.gz" -mtime "+$3" -delete

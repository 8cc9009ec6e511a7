#!/bin/sh
# A script that brings its server back.
while true; do
  python3 -m http.server 8000
done

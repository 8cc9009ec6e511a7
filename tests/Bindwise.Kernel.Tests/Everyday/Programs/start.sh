#!/bin/sh
# A start script that does something after its server.
python3 -m http.server 8000
echo "the server has ended"

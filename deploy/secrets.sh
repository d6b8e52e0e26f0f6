#!/bin/sh
# Makes the secrets that compose.yaml hands out as files and that are not there yet, in secrets/ beside this file.
# The folder is its owner's alone; the files in it may be read by the containers' own users.
set -eu
cd "$(dirname "$0")"
mkdir -p -m 700 secrets

keep() {
    if [ ! -s "secrets/$1" ]; then
        (umask 077 && cat > "secrets/$1.new")
        chmod 444 "secrets/$1.new"
        mv "secrets/$1.new" "secrets/$1"
        echo "secrets/$1 is made"
    fi
}

for name in session_token_secret tracking_save_secret turn_secret database_password site_database_password; do
    od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' | keep "$name"
done
printf 'postgresql://rtc:%s@127.0.0.1:5432/rtc' "$(cat secrets/database_password)" | keep database_url

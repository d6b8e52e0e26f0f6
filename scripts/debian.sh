#!/bin/sh
# Installs the Debian packages that the tests drive for real; says which are missing where it may not.
set -eu
packages="chromium coturn php-cli php-mysql php-curl mariadb-server postgresql pgbouncer firefox-esr
    libnss3-tools nftables iproute2 openssl fonts-dejavu-core
    gstreamer1.0-tools gstreamer1.0-nice gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-plugins-ugly gir1.2-gst-plugins-bad-1.0 python3-gi"
command -v dpkg-query >/dev/null || {
    echo "Not a Debian system: tests whose real parts are missing will be skipped and counted."
    exit 0
}
missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    case $state in ii*) ;; *) missing="$missing $package" ;; esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "Missing here:$missing"
    echo "Tests that need them will be skipped and counted. To run them: sudo scripts/debian.sh"
    exit 0
fi

# The packages' own daemons stay off: the tests start theirs, in folders and on ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
install() {
    apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
echo "Installing for the tests:$missing"
apt-get update -qq || true
# shellcheck disable=SC2086 # a list
install $missing || for package in $missing; do
    install "$package" || echo "$package cannot be installed here: tests that need it will be skipped and counted."
done

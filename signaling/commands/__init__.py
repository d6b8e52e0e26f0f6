"""The sub-commands of ``rtc-server``, a file each."""

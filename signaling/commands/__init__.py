"""The sub-commands of ``rtc-server``, a file each; in a process of their own."""

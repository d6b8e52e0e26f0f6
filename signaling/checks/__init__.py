"""What ``rtc-server check`` looks at, a file each."""

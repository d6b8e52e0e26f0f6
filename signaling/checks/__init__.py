"""What ``rtc-server check`` looks at, a file each; in a process of its own."""

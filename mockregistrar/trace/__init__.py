"""What was seen: records, bounded history, and the ways to show it (ladder, JSON lines, pcap)."""

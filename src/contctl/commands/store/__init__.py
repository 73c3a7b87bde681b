"""contctl store …"""

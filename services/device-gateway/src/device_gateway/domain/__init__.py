"""The rules of a till: what it may sell, at what price, from which lease. No disk, no network, time is given."""

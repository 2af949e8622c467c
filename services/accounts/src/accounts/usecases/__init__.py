"""What people, tills and services can do with accounts, one function each."""

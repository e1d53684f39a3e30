"""What is kept, in one database: exchanges, reviews, questions to the team, accounts and sign-ins."""

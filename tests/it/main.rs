mod mail_letters;
mod mail_transport;

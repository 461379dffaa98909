using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Serverless.Alerts;

namespace Serverless.Mail;

/// <summary>SMTP by MailKit, which Microsoft's own documentation of System.Net.Mail.SmtpClient recommends in its place: that one has no implicit TLS and few ways to authenticate.</summary>
internal sealed class MailKitSender(TimeProvider time, RemoteCertificateValidationCallback? certificates = null) : IMailSender
{
    public async Task SendAsync(MailServer server, Alerts.Mail mail, CancellationToken cancel)
    {
        if (server is { Tls: MailTls.None, User: not null } && !IsThisMachine(server.Host)) throw new DeliveryException("a password is not sent over an unprotected connection; use 'tls: starttls' or 'tls: implicit'");
        try
        {
            using var client = new SmtpClient { ServerCertificateValidationCallback = certificates, CheckCertificateRevocation = false }; // as HttpClient does: what cannot be asked does not stop an alert
            await client.ConnectAsync(server.Host, server.Port, server.Tls switch
            {
                MailTls.Implicit => SecureSocketOptions.SslOnConnect,
                MailTls.None => SecureSocketOptions.None,
                _ => SecureSocketOptions.StartTls,
            }, cancel);
            if (server is { User: { } user, Password: { } password }) await client.AuthenticateAsync(user, password, cancel);
            await client.SendAsync(Message(mail), cancel);
            await client.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception e) when (e is CommandException or ProtocolException or SocketException or IOException or NotSupportedException or AuthenticationException or SslHandshakeException or FormatException)
        {
            throw new DeliveryException($"{server.Host}:{server.Port} did not take the mail: {Reason(e)}", e);
        }
    }

    internal MimeMessage Message(Alerts.Mail mail)
    {
        var message = new MimeMessage { Subject = mail.Subject, MessageId = mail.Id, Date = time.GetUtcNow(), InReplyTo = mail.Thread };
        message.From.Add(MailboxAddress.Parse(mail.From));
        message.To.AddRange(mail.To.Select(MailboxAddress.Parse));
        message.References.Add(mail.Thread);
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's holiday notice answers it
        message.Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody();
        return message;
    }

    private static string Reason(Exception e) => e switch
    {
        AuthenticationException => "the user or the password is not accepted",
        NotSupportedException => "it offers no STARTTLS; a mail is not sent in the clear unless 'tls: none' says so",
        SslHandshakeException => "its certificate is not valid for that name, or it does not speak TLS on this port",
        _ => e.Message.ReplaceLineEndings(" "),
    };

    private static bool IsThisMachine(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

using System.Text;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Serverless.Alerts;

namespace Serverless.Mail.Tests;

/// <summary>Mails over a real socket, read back with MimeKit's parser and as raw lines.</summary>
public sealed class MailKitSenderTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    private static readonly Alerts.Mail Plain = new("ml@example.com", ["ana@example.com", "zoe@example.com"], "[airline] Error: vols: délai « é » 🚨", "Text: délai\nzweite Zeile\n.\nBcc: not@example.com\n",
        "<p>délai</p>", "flights-check-3f2a91.1@airline.serverless-ml", "flights-check-3f2a91@airline.serverless-ml");

    [Fact]
    public async Task Send_StartTlsAndPassword_ArrivesWhole()
    {
        await using var server = new SmtpListener { User = "ml", Password = "s3cret" };
        await SendAsync(server, Plain, MailTls.StartTls, "ml", "s3cret");

        var mail = server.Mails.ShouldHaveSingleItem();
        (mail.Secure, mail.User).ShouldBe((true, "ml"));
        mail.From.ShouldStartWith("MAIL FROM:<ml@example.com>");
        mail.To.Count.ShouldBe(2);
        var message = Parse(mail.Text);
        message.Subject.ShouldBe(Plain.Subject);
        message.MessageId.ShouldBe(Plain.Id);
        message.InReplyTo.ShouldBe(Plain.Thread);
        message.References.ShouldBe([Plain.Thread]);
        message.Date.ShouldBe(Time.GetUtcNow());
        message.Headers["Auto-Submitted"].ShouldBe("auto-generated");
        message.Body.ShouldBeOfType<MultipartAlternative>();
        message.TextBody!.ReplaceLineEndings("\n").ShouldBe(Plain.Text);
        message.HtmlBody.ShouldBe(Plain.Html);
        Headers(mail.Text).All(char.IsAscii).ShouldBeTrue(); // RFC 2047
    }

    [Fact]
    public async Task Send_ImplicitTls_IsSecure()
    {
        await using var server = new SmtpListener { Implicit = true };
        await SendAsync(server, Plain, MailTls.Implicit);
        server.Mails.ShouldHaveSingleItem().Secure.ShouldBeTrue();
    }

    [Fact]
    public async Task Send_PlainOnThisMachine_IsSent()
    {
        await using var server = new SmtpListener { OffersTls = false };
        await SendAsync(server, Plain, MailTls.None);
        server.Mails.ShouldHaveSingleItem().Secure.ShouldBeFalse();
    }

    [Fact]
    public async Task Send_ServerWithoutStartTls_IsNotSentInTheClear()
    {
        await using var server = new SmtpListener { OffersTls = false };
        (await FailAsync(server, MailTls.StartTls)).ShouldBe($"localhost:{server.Port} did not take the mail: it offers no STARTTLS; a mail is not sent in the clear unless 'tls: none' says so");
        server.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task Send_CertificateOfNobody_IsNotTrusted()
    {
        await using var server = new SmtpListener();
        var sender = new MailKitSender(Time);
        var e = await Should.ThrowAsync<DeliveryException>(sender.SendAsync(new MailServer("localhost", server.Port, MailTls.StartTls, null, null), Plain, CancellationToken.None));
        e.Message.ShouldContain("its certificate is not valid for that name");
        server.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task Send_WrongPassword_SaysSoWithoutIt()
    {
        await using var server = new SmtpListener { User = "ml", Password = "s3cret" };
        var message = await FailAsync(server, MailTls.StartTls, "ml", "wrong-one");
        message.ShouldEndWith("the user or the password is not accepted");
        message.ShouldNotContain("wrong-one");
    }

    [Fact]
    public async Task Send_PasswordWithoutTlsToAnotherMachine_IsRefused()
    {
        var e = await Should.ThrowAsync<DeliveryException>(new MailKitSender(Time).SendAsync(new MailServer("smtp.example.com", 25, MailTls.None, "u", "p"), Plain, CancellationToken.None));
        e.Message.ShouldContain("a password is not sent over an unprotected connection");
    }

    [Fact]
    public async Task Send_ServerRefusesTheMail_SaysWhy()
    {
        await using var server = new SmtpListener { AfterData = "552 5.3.4 mailbox full" };
        (await FailAsync(server, MailTls.StartTls)).ShouldContain("mailbox full");
    }

    [Fact]
    public async Task Send_NobodyListens_SaysSo()
    {
        int port;
        await using (var server = new SmtpListener()) port = server.Port;
        var e = await Should.ThrowAsync<DeliveryException>(new MailKitSender(Time).SendAsync(new MailServer("localhost", port, MailTls.StartTls, null, null), Plain, CancellationToken.None));
        e.Message.ShouldContain($"localhost:{port} did not take the mail");
    }

    [Fact]
    public async Task Send_ServerSaysNothing_EndsWhenCancelled()
    {
        await using var server = new SmtpListener { Silent = true };
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Should.ThrowAsync<OperationCanceledException>(new MailKitSender(Time).SendAsync(new MailServer("localhost", server.Port, MailTls.None, null, null), Plain, soon.Token).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    // The worst that a name of a dataset, a check or a message could try
    [Theory]
    [InlineData("flights\r\nBcc: all@example.com")]
    [InlineData("flights\nX-Injected: 1\n\n<html>")]
    [InlineData("flights\r\n\r\nnew body")]
    [InlineData("flights\0\u2028Bcc: all@example.com\u0085X-Injected: 1")]
    public async Task Send_LineBreaksInASubject_AddNoHeader(string evil)
    {
        await using var server = new SmtpListener { OffersTls = false };
        var message = AlertMessage.Test(evil, evil, "test.1", Time.GetUtcNow());
        await SendAsync(server, EmailChannel.Compose("ml@example.com", ["ana@example.com"], message) with { Subject = evil, Id = "x@y", Thread = "z@y" }, MailTls.None);
        await SendAsync(server, EmailChannel.Compose("ml@example.com", ["ana@example.com"], message) with { Id = "x@y", Thread = "z@y" }, MailTls.None);

        foreach (var mail in server.Mails)
        {
            mail.To.ShouldBe(["RCPT TO:<ana@example.com>"]);
            var names = Parse(mail.Text).Headers.Select(h => h.Field).ToArray();
            names.ShouldNotContain("Bcc");
            names.ShouldNotContain("X-Injected");
            names.Order().ShouldBe(["Auto-Submitted", "Date", "From", "In-Reply-To", "MIME-Version", "Message-Id", "References", "Subject", "To"], ignoreOrder: true);
        }

        server.Mails.Count.ShouldBe(2);
    }

    private static Task SendAsync(SmtpListener server, Alerts.Mail mail, MailTls tls, string? user = null, string? password = null) =>
        new MailKitSender(Time, (_, certificate, _, _) => certificate?.GetCertHashString() == SmtpListener.Certificate.GetCertHashString())
            .SendAsync(new MailServer("localhost", server.Port, tls, user, password), mail, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    private static async Task<string> FailAsync(SmtpListener server, MailTls tls, string? user = null, string? password = null) =>
        (await Should.ThrowAsync<DeliveryException>(SendAsync(server, Plain, tls, user, password))).Message;

    private static MimeMessage Parse(string text) => MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static string Headers(string text) => text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
}

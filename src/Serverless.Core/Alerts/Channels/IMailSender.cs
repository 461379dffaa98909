namespace Serverless.Alerts;

/// <summary>Hands a message to an SMTP server.</summary>
public interface IMailSender
{
    /// <summary>Throws <see cref="DeliveryException"/> when the server cannot be reached or does not take it.</summary>
    Task SendAsync(MailServer server, Mail mail, CancellationToken cancel);
}

/// <param name="User">Null: no authentication.</param>
public sealed record MailServer(string Host, int Port, MailTls Tls, string? User, string? Password);

public enum MailTls
{
    /// <summary>A plain connection that must become TLS before anything is said (port 587).</summary>
    StartTls,

    /// <summary>TLS from the first byte (port 465).</summary>
    Implicit,

    /// <summary>Plain: for a server on this machine.</summary>
    None,
}

/// <param name="Id">Message-Id without brackets: the same at every attempt.</param>
/// <param name="Thread">Message-Id that mails about the same alert refer to, so that readers show them together.</param>
public sealed record Mail(string From, IReadOnlyList<string> To, string Subject, string Text, string Html, string Id, string Thread);

using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Secrets;

namespace Serverless.Alerts;

/// <summary>E-mail by SMTP: a text and the same as HTML, threaded by alert, with a Message-Id that is the same at every attempt.</summary>
internal sealed class EmailChannel(SecretReader secrets, IMailSender? sender = null) : IAlertChannel
{
    private const string StartTls = "starttls";

    public string Kind => "email";

    public IReadOnlyList<ChannelKey> Keys { get; } =
    [
        new("host", ChannelKeyKind.Text, "the name of an SMTP server, or env:NAME that holds it", Required: true),
        new("port", ChannelKeyKind.Port, "a port; 587, or 465 with 'tls: implicit', or 25 with 'tls: none'"),
        new("tls", ChannelKeyKind.Choice, "how the connection is protected") { Choices = [StartTls, "implicit", "none"] },
        new("from", ChannelKeyKind.Addresses, "an e-mail address", Required: true),
        new("to", ChannelKeyKind.Addresses, "an e-mail address or a list of them", Required: true),
        new("user", ChannelKeyKind.Secret, "env:NAME that holds the user"),
        new("password", ChannelKeyKind.Secret, "env:NAME that holds the password"),
    ];

    public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel)
    {
        if (sender is null) throw new DeliveryException("this program cannot send mail");
        var tls = channel.Text("tls") switch { "implicit" => MailTls.Implicit, "none" => MailTls.None, _ => MailTls.StartTls };
        var server = new MailServer(await secrets.ResolveAsync(SecretText.Parse(channel.Text("host")!), cancel),
            channel.Text("port") is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : tls switch { MailTls.Implicit => 465, MailTls.None => 25, _ => 587 }, tls,
            channel.Text("user") is { } user ? await secrets.ResolveAsync(SecretText.Parse(user), cancel) : null, channel.Text("password") is { } password ? await secrets.ResolveAsync(SecretText.Parse(password), cancel) : null);
        await sender.SendAsync(server, Compose(channel.Text("from")!, channel.List("to"), message), cancel);
    }

    internal static Mail Compose(string from, IReadOnlyList<string> to, AlertMessage message)
    {
        var domain = $"{message.Workspace}.serverless-ml";
        return new Mail(from, to, Line.One($"[{message.Workspace}] {message.Word}: {message.Title}", 200), Text(message), Html(message), $"{message.Id}@{domain}", $"{message.Alert}@{domain}");
    }

    private static string Text(AlertMessage message)
    {
        var text = new StringBuilder().Append(message.Word).Append(": ").AppendLine(message.Title).AppendLine();
        foreach (var detail in message.Details) text.Append("- ").AppendLine(detail);
        if (message.Details.Count > 0) text.AppendLine();
        text.AppendLine(message.Circumstances).AppendLine();
        foreach (var next in message.Next) text.Append(next.What).AppendLine(":").Append("  ").AppendLine(next.Command);
        return text.AppendLine().AppendLine("-- ").AppendLine(message.Origin).ToString();
    }

    private static string Html(AlertMessage message)
    {
        static string E(string text) => WebUtility.HtmlEncode(text);
        var html = new StringBuilder("<!doctype html><html><body style=\"font:15px/1.5 system-ui,sans-serif\">");
        html.Append($"<h2 style=\"font-size:18px\">{E(message.Word)}: {E(message.Title)}</h2>");
        if (message.Details.Count > 0) html.Append("<ul>").AppendJoin("", message.Details.Select(d => $"<li>{E(d)}</li>")).Append("</ul>");
        html.Append($"<p>{E(message.Circumstances)}</p>");
        foreach (var next in message.Next) html.Append($"<p>{E(next.What)}:<br><code>{E(next.Command)}</code></p>");
        return html.Append($"<p style=\"color:#666;font-size:13px\">{E(message.Origin)}</p></body></html>").ToString();
    }
}

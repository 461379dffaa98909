using Serverless.Datasets;
using Serverless.Secrets;

namespace Serverless.Alerts;

/// <summary>
/// Slack's incoming webhooks with Block Kit (docs.slack.dev: "Sending messages using incoming webhooks", "Header block" at most 150 characters, "Section block" at most 3,000,
/// "Formatting message text": &amp;, &lt; and &gt; are escaped). Text from elsewhere goes into plain_text, where nothing is markup and nobody is mentioned.
/// </summary>
internal sealed class SlackChannel(HttpPost http, SecretReader secrets) : IAlertChannel
{
    private const int MaxHeader = 150;
    private const int MaxSection = 2900;

    public string Kind => "slack";

    public IReadOnlyList<ChannelKey> Keys { get; } = [new("url", ChannelKeyKind.SecretUrl, "env:NAME that holds the address of an incoming webhook", Required: true)];

    public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel) =>
        await http.SendAsync(await secrets.ResolveAsync(SecretText.Parse(channel.Text("url")!), cancel), Payload(message), new Dictionary<string, string>(), cancel);

    internal static object Payload(AlertMessage message)
    {
        var blocks = new List<object> { new { type = "header", text = Plain($"{Sign(message)} {message.Word}: {message.Title}", MaxHeader) } };
        if (message.Details.Count > 0) blocks.Add(new { type = "section", text = Plain(string.Join('\n', message.Details.Select(d => $"• {d}")), MaxSection) });
        blocks.Add(new { type = "section", text = Plain(message.Circumstances, MaxSection) });
        if (message.Next.Count > 0)
        {
            blocks.Add(new { type = "section", text = new { type = "mrkdwn", text = string.Join('\n', message.Next.Select(n => $"{Fit(n.What, 100)}: `{Fit(n.Command.Replace('`', '\''), 300)}`")) } });
        }

        blocks.Add(new { type = "context", elements = new[] { Plain(message.Origin, 1900) } });
        return new { text = Fit(message.OneLine, MaxSection), blocks };
    }

    private static object Plain(string text, int length) => new { type = "plain_text", text = Fit(text, length), emoji = false };

    // The limits count what is sent: an entity is never cut in two.
    private static string Fit(string text, int length)
    {
        var cut = Line.Cut(text, length);
        while (Escape(cut).Length > length) cut = Line.Cut(cut, Math.Max(2, cut.Length - Math.Max(1, (Escape(cut).Length - length) / 4)));
        return Escape(cut);
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Sign(AlertMessage message) => message.Kind == NotificationKind.Resolved ? "✅" : message.Severity switch
    {
        Severity.Critical => "🚨",
        Severity.Error => "🔴",
        Severity.Warning => "🟠",
        _ => "🔵",
    };
}

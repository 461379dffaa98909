using System.Text.Json.Nodes;
using Serverless.Datasets;
using Serverless.Secrets;

namespace Serverless.Alerts;

/// <summary>
/// Microsoft Teams through its Workflows app ("When a Teams webhook request is received"), which takes a message with one Adaptive Card (learn.microsoft.com: "Create incoming
/// webhooks with Workflows"; adaptivecards.io schema 1.4; at most 28 KB). Text from elsewhere goes into TextRuns: unlike TextBlocks they render no Markdown and no mention.
/// </summary>
internal sealed class TeamsChannel(HttpPost http, SecretReader secrets) : IAlertChannel
{
    private const int MaxDetails = 30;

    public string Kind => "teams";

    public IReadOnlyList<ChannelKey> Keys { get; } = [new("url", ChannelKeyKind.SecretUrl, "env:NAME that holds the address of a workflow", Required: true)];

    public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel) =>
        await http.SendAsync(await secrets.ResolveAsync(SecretText.Parse(channel.Text("url")!), cancel), Payload(message), new Dictionary<string, string>(), cancel);

    internal static JsonObject Payload(AlertMessage message)
    {
        var body = new JsonArray
        {
            Text($"{message.Word}: {message.Title}", run =>
            {
                run["size"] = "large";
                run["weight"] = "bolder";
                run["color"] = Colour(message);
            }),
        };
        foreach (var detail in message.Details.Take(MaxDetails)) body.Add(Text($"• {detail}"));
        if (message.Details.Count > MaxDetails) body.Add(Text($"… and {message.Details.Count - MaxDetails} more"));
        body.Add(Text(message.Circumstances));
        foreach (var next in message.Next)
        {
            body.Add(Text($"{next.What}: ", null, new JsonObject { ["type"] = "TextRun", ["text"] = next.Command, ["fontType"] = "monospace" }));
        }

        body.Add(Text(message.Origin, run => run["isSubtle"] = true));
        return new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject
            {
                ["contentType"] = "application/vnd.microsoft.card.adaptive",
                ["contentUrl"] = null,
                ["content"] = new JsonObject
                {
                    ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json", ["type"] = "AdaptiveCard", ["version"] = "1.4",
                    ["fallbackText"] = message.OneLine, ["body"] = body, ["msteams"] = new JsonObject { ["width"] = "Full" },
                },
            }),
        };
    }

    private static JsonObject Text(string text, Action<JsonObject>? style = null, JsonObject? more = null)
    {
        var run = new JsonObject { ["type"] = "TextRun", ["text"] = Line.Cut(text, 600) };
        style?.Invoke(run);
        var inlines = new JsonArray(run);
        if (more is not null) inlines.Add(more);
        return new JsonObject { ["type"] = "RichTextBlock", ["inlines"] = inlines };
    }

    private static string Colour(AlertMessage message) => message.Kind == NotificationKind.Resolved ? "good" : message.Severity switch
    {
        Severity.Critical or Severity.Error => "attention",
        Severity.Warning => "warning",
        _ => "accent",
    };
}

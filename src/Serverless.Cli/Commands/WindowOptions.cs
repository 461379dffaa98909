using System.CommandLine;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Cli.Commands;

/// <summary>Which windows of a dataset are compared.</summary>
internal sealed class WindowOptions
{
    private readonly Option<string?> window = new("--window") { Description = "Length of both windows. Default: a week of days, a day of hours, three months.", HelpName = "7d" };
    private readonly Option<string?> from = new("--from") { Description = "Begin of the current window (UTC).", HelpName = "DAY" };
    private readonly Option<string?> to = new("--to") { Description = "End of the current window: this day is in it. Default: the newest data.", HelpName = "DAY" };
    private readonly Option<string?> referenceFrom = new("--reference-from") { Description = "Begin of the reference window.", HelpName = "DAY" };
    private readonly Option<string?> referenceTo = new("--reference-to") { Description = "End of the reference window: this day is in it. Default: where the current one begins.", HelpName = "DAY" };

    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    public WindowRequest Read(ParseResult parsed) => new()
    {
        Length = parsed.GetValue(window) is not { } text ? null
            : Durations.TryParse(text, out var length) && length > TimeSpan.Zero ? length : throw new RequestException($"--window is a duration such as 7d or 12h, not '{text}'."),
        From = parsed.GetValue(from) is { } f ? Dates.Moment(f) : null,
        To = parsed.GetValue(to) is { } t ? End(t) : null,
        ReferenceFrom = parsed.GetValue(referenceFrom) is { } rf ? Dates.Moment(rf) : null,
        ReferenceTo = parsed.GetValue(referenceTo) is { } rt ? End(rt) : null,
    };

    /// <exception cref="RequestException">One of them was given.</exception>
    public void RefuseWith(ParseResult parsed, string what)
    {
        if (All.FirstOrDefault(o => parsed.GetValue(o) is not null) is { } given) throw new RequestException($"{given.Name} is for a dataset; here {what} are compared.");
    }

    private IEnumerable<Option<string?>> All => [window, from, to, referenceFrom, referenceTo];

    // A day alone is in the window as a whole.
    private static DateTimeOffset End(string text) => text.Length == 10 ? Dates.Moment(text).AddDays(1) : Dates.Moment(text);
}

using System.Globalization;
using Serverless.Checks;
using Serverless.Cli.Terminal;
using Serverless.Datasets;

namespace Serverless.Cli.Commands;

/// <summary>Results of checks in words and in JSON.</summary>
internal static class CheckLines
{
    public const string Passed = "passed";
    public const string Warning = "warning";
    public const string Failed = "failed";

    public static string Sentence(CheckResult check)
    {
        var what = check.Column is null ? check.Check : $"{check.Check} of {check.Column}";
        var value = check.Value is { } v ? $" is {Cells.Number(v)}" : "";
        return check.Outcome switch
        {
            Outcome.Failed => $"{what}{value}, expected {check.Expectation} ({Word(check.Severity)})",
            Outcome.Passed => $"{what}{value}, as expected: {check.Expectation}",
            _ => $"{what}: {check.Message ?? Word(check.Outcome)}",
        };
    }

    /// <summary>An error or worse that failed, or could not be computed, says no; less than that is a warning.</summary>
    public static string Overall(IEnumerable<CheckResult> checks, long quarantined)
    {
        var bad = checks.Where(c => c.Outcome is Outcome.Failed or Outcome.Errored).ToArray();
        return bad.Any(c => c.Severity >= Severity.Error) ? Failed : bad.Any(c => c.Severity == Severity.Warning) || quarantined > 0 ? Warning : Passed;
    }

    public static object Document(CheckResult check, string? partition) => new
    {
        partition,
        check = check.Check,
        column = check.Column,
        metric = check.Metric,
        status = check.Outcome,
        value = check.Value,
        expected = check.Expectation,
        severity = check.Severity,
        message = check.Message,
    };

    public static string Word(Enum value) => value switch
    {
        Outcome.NotApplicable => "not applicable",
        _ => value.ToString().ToLower(CultureInfo.InvariantCulture),
    };
}

using System.CommandLine;
using System.Globalization;
using Serverless.Drift;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary>How a comparison is done: the same options wherever one is asked for.</summary>
internal sealed class DriftOptions
{
    private readonly Option<string?> columns = new("--columns") { Description = "Only these columns, separated by commas.", HelpName = "A,B" };

    private readonly Option<string> method = new("--method")
    {
        Description = "auto, ks, chi2, wasserstein, js, psi, hellinger, kl, cvm, tv, energy, z, moments, mmd or classifier.", HelpName = "M", DefaultValueFactory = _ => DriftSettings.Auto,
    };

    private readonly Option<string?> threshold = new("--threshold") { Description = "Instead of the method's own: drift is a p-value below it, or an effect of at least it.", HelpName = "X" };

    private readonly Option<string> correction = new("--correction") { Description = "Of p-values for the number of columns: none, bonferroni or bh.", HelpName = "C", DefaultValueFactory = _ => "none" };

    private readonly Option<string?> share = new("--share") { Description = "The data drifted when so many of the columns did. Default: 0.5.", HelpName = "X" };

    private readonly Option<string> pValues = new("--p-value") { Description = "auto, exact or asymptotic.", HelpName = "P", DefaultValueFactory = _ => "auto" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { columns, method, threshold, correction, share, pValues }) command.Add(option);
    }

    /// <summary>The first of the options that was given, or null.</summary>
    public string? Given(ParseResult parsed) =>
        new Option[] { columns, method, threshold, correction, share, pValues }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    public DriftSettings Read(ParseResult parsed) => new()
    {
        Method = parsed.GetValue(method)!,
        Columns = parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names ? names : null,
        Threshold = Number(parsed, threshold),
        Share = Number(parsed, share) ?? DriftDefaults.Share,
        Correction = Choice<PValueCorrection>(parsed, correction),
        PValues = Choice<PValueMode>(parsed, pValues),
    };

    private static double? Number(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new RequestException($"{option.Name} is a number such as 0.05, not '{text}'.");

    private static T Choice<T>(ParseResult parsed, Option<string> option) where T : struct, Enum
    {
        var text = parsed.GetValue(option)!;
        var names = Enum.GetNames<T>().Select(n => n.ToLowerInvariant()).ToArray();
        return names.Contains(text) ? Enum.Parse<T>(text, ignoreCase: true) : throw new RequestException($"{option.Name} cannot be '{text}'.{Suggest.Hint(text, names)}");
    }
}

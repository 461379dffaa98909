namespace Serverless.Switches;

/// <summary>The optional parts that a flag <c>switch-&lt;part&gt;</c> switches off and on, without deploying anything (docs/flags.md). Without such a flag a part is on.</summary>
public static class SwitchedParts
{
    public const string Retraining = "retraining", Pulls = "pulls", Batches = "batches", Explanations = "explanations", Enrichment = "enrichment";

    private const string Prefix = "switch-";

    /// <summary>Every part, and what it is when off.</summary>
    public static IReadOnlyList<(string Name, string WhenOff)> All { get; } =
    [
        (Retraining, "nothing is trained by schedule, new data, drift or feedback, and the decision says so; times of the schedule are past then, other causes wait"),
        (Pulls, "no source is pulled by its schedule or because data are late"),
        (Batches, "no batch is begun by its schedule or for new data"),
        (Explanations, "requests with 'explain' are refused with 503; predictions go on"),
        (Enrichment, "the HTTP source is not asked; its columns get their fallbacks"),
    ];

    public static string FlagOf(string part) => Prefix + part;

    /// <summary>What follows the prefix of a switch; null for any other flag.</summary>
    public static string? PartOf(string flag) => flag.StartsWith(Prefix, StringComparison.Ordinal) ? flag[Prefix.Length..] : null;
}

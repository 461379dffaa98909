using Serverless.Core.Tests.Alerts;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Testing;

namespace Serverless.Core.Tests.Incidents;

public sealed class PostMortemTests
{
    private static readonly Incident Known = new()
    {
        Id = "inc-20260302120000-3f2a91", Title = "delays were in seconds", Severity = Severity.Error, Status = IncidentStatus.Closed, BeganAt = AlertBench.Noon.AddHours(-3), DetectedAt = AlertBench.Noon,
        OverAt = AlertBench.Noon.AddHours(2), ClosedAt = AlertBench.Noon.AddDays(1), OpenedBy = "alert:flights-check-3f2a91", ClosedBy = "ana", Category = IncidentCategory.Upstream, Impact = "412 predictions were too late",
        Cause = "The feed changed its unit.\n# Nobody checks units.", Subjects = ["flights", "flight-delay"], Runs = ["ingest-20260302115958-4k2m9x"], Periods = ["2001-01-05"], Alerts = ["flights-check-3f2a91"],
        Actions = [new IncidentAction { Text = "a check max(delay) | mean(delay)", Kind = ActionKind.Detect, Owner = "bob", Due = new DateOnly(2026, 3, 15), DoneAt = AlertBench.Noon.AddDays(1) }], UpdatedAt = AlertBench.Noon,
    };

    private static readonly TimelineEntry[] Timeline =
        [new(AlertBench.Noon, "alert:flights-check-3f2a91", "alert flights-check-3f2a91 (error)\nmean(delay) <script>"), new(AlertBench.Noon.AddHours(2), "ana", "corrected drop | ingested")];

    [Fact]
    public void Template_InTheProgram_IsThatOfTheDocuments() => PostMortem.Template.ReplaceLineEndings("\n").ShouldBe(Repository.Read("docs/post-mortem-template.md").ReplaceLineEndings("\n"));

    [Fact]
    public void Write_EverythingKnown_FillsEveryPlace()
    {
        var text = PostMortem.Write(Known, Timeline, AlertBench.Noon.AddDays(2));

        text.ShouldStartWith("# Post-mortem: delays were in seconds\n");
        text.ShouldContain("| Began / noticed / over (UTC) | 2026-03-02 09:00 / 2026-03-02 12:00 (after 3 h) / 2026-03-02 14:00 (after 5 h) |");
        text.ShouldContain("| Severity | error |\n| Category | upstream |\n| Models and datasets | flights, flight-delay |");
        text.ShouldContain("| Versions and runs | runs ingest-20260302115958-4k2m9x; periods 2001-01-05; incident inc-20260302120000-3f2a91; alerts flights-check-3f2a91 |");
        text.ShouldContain("## Impact\n\n412 predictions were too late\n");
        text.ShouldContain("## Cause\n\nThe feed changed its unit.\n\\# Nobody checks units.\n");
        text.ShouldContain("| 2026-03-02 12:00 | alert flights-check-3f2a91 (error)<br>mean(delay) &lt;script&gt; (alert:flights-check-3f2a91) |\n| 2026-03-02 14:00 | corrected drop \\| ingested (ana) |");
        text.ShouldContain("| a check max(delay) \\| mean(delay) | detect | bob | 2026-03-15 | 2026-03-03 12:00 |");
        text.ShouldNotContain("|  |  |");

        // The headings and the advice of the template are all there.
        foreach (var line in PostMortem.Template.ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("## ", StringComparison.Ordinal))) text.ShouldContain(line);
        text.ShouldContain("At least one action makes the same thing be noticed by itself");
    }

    [Fact]
    public void Write_NothingKnown_LeavesTheQuestionsOfTheTemplate()
    {
        var text = PostMortem.Write(new Incident
        {
            Id = "inc-1", Title = "t", Severity = Severity.Info, Status = IncidentStatus.Open, BeganAt = AlertBench.Noon, DetectedAt = AlertBench.Noon, OpenedBy = "ana", UpdatedAt = AlertBench.Noon,
        }, [], AlertBench.Noon);
        text.ShouldContain("_Who was affected");
        text.ShouldContain("_What was noticed or held up by itself", customMessage: "a section that only people can write is a question, not empty");
        text.ShouldContain("_What started it");
        text.ShouldContain("| Category | data, code, model, configuration, infrastructure, upstream, people |");
        text.ShouldContain("/ not over |");
        text.ShouldContain("|  |  |  |  |  |");
    }
}

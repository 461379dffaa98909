using Serverless.Models;

namespace Serverless.Core.Tests.Workspaces;

public sealed class GateSectionTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    private ModelDefinition Load(string gate, string more = "")
    {
        folder.Write("models/flight-delay.yaml", Replace(gate, more));
        return folder.Load().Models["flight-delay"];
    }

    private static string Replace(string gate, string more) =>
        string.Join('\n', WorkspaceFolder.FlightDelay.Split('\n').Select(l => l.StartsWith("gate:", StringComparison.Ordinal) ? gate : l.StartsWith("approval:", StringComparison.Ordinal) && more.Contains("approval:") ? "" : l)) + "\n" + more;

    [Fact]
    public void OldKeys_KeepTheirMeaning()
    {
        var gate = Load("gate: { metric: auc, min: 0.60, tolerance: 0.005, onFailure: keep-champion }").Gate;
        (gate.Metric, gate.Min, gate.Tolerance, gate.OnFailure, gate.Confidence, gate.Decision).ShouldBe(("auc", 0.6, 0.005, GateFailure.KeepChampion, null, GateDecision.Estimate));
        gate.Guards.ShouldBeEmpty();
    }

    [Fact]
    public void Confidence_Decides_UnlessTheFileSaysWhatDoes()
    {
        Load("gate: { confidence: 0.9 }").Gate.Decision.ShouldBe(GateDecision.ProvenWorse);
        Load("gate: { confidence: 0.9, decide: non-inferior }").Gate.Decision.ShouldBe(GateDecision.NonInferior);
    }

    [Theory]
    [InlineData("gate: { guards: [{ guard: size, max: 20MB }, { guard: slices, by: [origin, destination], min: 0.5 }] }")]
    [InlineData("gate: { guards: { size: { max: 20MB }, slices: [{ by: [origin, destination], min: 0.5 }] } }")]
    public void Guards_ListOrMapping_AreTheSame(string yaml)
    {
        var guards = Load(yaml).Gate.Guards;
        guards.Select(g => g.Guard).ShouldBe(["size", "slices"]);
        guards[0].Settings["max"].Text.ShouldBe("20MB");
        guards[1].Settings["by"].Items.ShouldBe(["origin", "destination"]);
    }

    [Fact]
    public void Approval_Terms_AreRead()
    {
        var model = Load("gate: { min: 0.6 }", "approval: { by: human, expires: 7d, remind: 1d, secondPerson: true }");
        (model.Approval, model.ApprovalTerms).ShouldBe((ApprovalKind.Human, new ApprovalTerms { Expires = TimeSpan.FromDays(7), Remind = TimeSpan.FromDays(1), SecondPerson = true }));
    }

    [Fact]
    public void Fairness_Groups_AreColumnsOrNamedExpressions()
    {
        var fairness = Load("gate: { min: 0.6 }", "fairness: { groups: [origin, { far: distance > 1000 }], minRows: 50, confidence: 0.9 }").Fairness.ShouldNotBeNull();
        fairness.Groups.Select(g => (g.Name, g.By.Text)).ShouldBe([("origin", "origin"), ("far", "distance > 1000")]);
        (fairness.MinRows, fairness.Confidence).ShouldBe((50, 0.9));
    }

    [Theory]
    [InlineData("gate: { confidence: 95 }", "", "'confidence' must be at least 0.5 and below 1, such as 0.95, not 95.")]
    [InlineData("gate: { decide: noninferior }", "", "'decide' cannot be 'noninferior'. Did you mean 'non-inferior'?")]
    [InlineData("gate: { guards: size }", "", "'guards' must be a list of guards, such as '- { guard: size, max: 20MB }'")]
    [InlineData("gate: { guards: [{ max: 20MB }] }", "", "guard has no 'guard'; expected the name of a guard.")]
    [InlineData("gate: { guards: { size: 20MB } }", "", "guard 'size' must be a mapping of its settings")]
    [InlineData("gate: { onFailure: halt }", "", "'onFailure' cannot be 'halt'. Allowed: keep-champion, tune, stop.")]
    [InlineData("gate: { min: 0.6 }", "approval: { expires: 7d }", "approval has no 'by'; expected one of auto, human.")]
    [InlineData("gate: { min: 0.6 }", "approval: { by: human, expires: 1d, remind: 1d }", "'remind' must be shorter than 'expires', else nobody is reminded in time.")]
    [InlineData("gate: { min: 0.6 }", "approval: { by: auto, expires: 1d }", "'expires' is about a person's approval; with 'by: auto' nobody is asked.")]
    [InlineData("gate: { min: 0.6 }", "fairness: { minRows: 5 }", "fairness has no 'groups'; expected columns or named expressions")]
    [InlineData("gate: { min: 0.6 }", "fairness: { groups: [] }", "'groups' is empty; expected columns or named expressions")]
    [InlineData("gate: { min: 0.6 }", "fairness: { groups: [origin, origin] }", "group 'origin' is given twice.")]
    [InlineData("gate: { min: 0.6 }", "fairness: { groups: [origin], minRows: 1.5 }", "'minRows' must be a whole number.")]
    public void OneMistake_IsNamed(string gate, string more, string expected)
    {
        folder.Write("models/flight-delay.yaml", Replace(gate, more));
        Should.Throw<Serverless.Problems.ConfigurationException>(() => folder.Load()).Message.ShouldContain(expected);
    }
}

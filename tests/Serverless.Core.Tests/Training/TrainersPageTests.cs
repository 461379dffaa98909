using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

/// <summary>docs/trainers.md says of every trainer what the program does.</summary>
public sealed partial class TrainersPageTests
{
    private static readonly string Page = Repository.Read("docs/trainers.md");

    [Fact]
    public void Overview_NamesEveryTrainerWithItsTasksAndWhatItCan()
    {
        var rows = OverviewRow().Matches(Page).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split('|').Select(c => c.Trim()).ToArray());
        rows.Keys.Order().ShouldBe(KnownTrainers.All.Select(t => t.Name).Order());
        foreach (var trainer in KnownTrainers.All)
        {
            var cells = rows[trainer.Name];
            cells[1].ShouldBe(string.Join(", ", trainer.Tasks.Select(t => t.ToString().ToLowerInvariant())), trainer.Name);
            cells[2].ShouldBe(trainer.Traits.RowWeights ? "yes" : "no", $"{trainer.Name}: class weights");
            cells[3].ShouldBe(trainer.Traits.EarlyStopping ? "yes" : "no", $"{trainer.Name}: early stopping");
            cells[4].ShouldBe(trainer.Traits.NativeMissing ? "as missing" : "filled", $"{trainer.Name}: missing numbers");
            cells[5].ShouldBe(trainer.Traits.NativeCategories ? "as categories" : "0/1 columns", $"{trainer.Name}: categories");
        }
    }

    [Fact]
    public void Tables_NameEveryHyperparameterWithDefaultAndRange()
    {
        foreach (var trainer in KnownTrainers.All.Where(t => t.Hyperparameters.Count > 0))
        {
            var section = Regex.Match(Page, $@"^### `{trainer.Name}`\n(.*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
            var documented = SettingRow().Matches(section).Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value)).ToArray();
            documented.ShouldBe([.. trainer.Hyperparameters.Select(h => (h.Name, h.Text(h.Default), h.Choices is { } words ? string.Join(", ", words.Select(w => $"`{w}`")) : $"{Number(h.Min)} to {Number(h.Max)}"))], trainer.Name);
        }
    }

    private static string Number(double value) => value.ToString(value != 0 && (Math.Abs(value) >= 1e9 || Math.Abs(value) < 1e-3) ? "0.###e0" : "0.###", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| `([a-z]+)` \|((?:[^|\n]*\|){6})$", RegexOptions.Multiline)]
    private static partial Regex OverviewRow();

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| `([^`|]+)` \| ([^|]+) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}

using System.Text.Json;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Outliers;
using Serverless.Training;

namespace Serverless.Core.Tests.Outliers;

public sealed class OutlierDetectorTests
{
    private static readonly RawColumn[] Inputs =
        [new("distance", ColumnType.Number, true), new("origin", ColumnType.String, true), new("destination", ColumnType.String, false), new("night", ColumnType.Boolean, false), new("name", ColumnType.String, false)];

    // 3,000 rows: from A to B and from B to A, never from one to itself; C is rare.
    private static readonly Table Rows = new(3000,
    [
        new NumberColumn("distance", [.. Enumerable.Range(0, 3000).Select(i => 100.0 + i % 50)], null),
        new StringColumn("origin", [.. Enumerable.Range(0, 3000).Select(i => i == 7 ? 2 : i % 2)], ["A", "B", "C"], null),
        new StringColumn("destination", [.. Enumerable.Range(0, 3000).Select(i => 1 - i % 2)], ["A", "B"], null),
        new BooleanColumn("night", [.. Enumerable.Range(0, 3000).Select(i => i % 3 == 0)], [.. Enumerable.Range(0, 3000).Select(i => i % 7 == 0)]),
        new StringColumn("name", [.. Enumerable.Range(0, 3000)], [.. Enumerable.Range(0, 3000).Select(i => $"n{i}")], null),
    ]);

    [Theory]
    [InlineData(120, "A", "B", null)]
    [InlineData(149, "B", "A", null)]
    [InlineData(150, "A", "B", "distance: 150 is above every training value (100 to 149)")]
    [InlineData(99.5, "A", "B", "distance: 99.5 is below every training value (100 to 149)")]
    [InlineData(120, "Z", "B", "origin: 'Z' was never seen in training")]
    [InlineData(120, "C", "A", "origin: 'C' is rare: 1 of 3000 training rows")]
    [InlineData(120, "A", "A", "origin 'A' with destination 'A': never together in training, where 750 rows would be expected by chance")]
    public void Judge_Row_SaysWhatIsUnusual(double distance, string origin, string destination, string? reason)
    {
        var note = Detector(new OutliersDefinition { Trees = 0, Rare = 0.001 }).Judge(Row(distance, origin, destination), []);
        note.Asked.ShouldBeTrue();
        note.IsOutlier.ShouldBe(reason is not null);
        double.IsNaN(note.Score).ShouldBeTrue();
        if (reason is not null) JsonSerializer.Deserialize<string[]>(note.Reasons!)!.ShouldBe([reason]);
    }

    [Fact]
    public void Judge_ValuesThatAreMissingAndNamesThatAreTheirOwn_AreNoOutliers()
    {
        var row = new RawRow(Inputs.Length);
        row.SetText(4, "never before");
        Detector(new OutliersDefinition { Trees = 0 }).Judge(row, []).IsOutlier.ShouldBeFalse();
    }

    [Fact]
    public void Judge_SeveralThings_GivesEachReason() =>
        JsonSerializer.Deserialize<string[]>(Detector(new OutliersDefinition { Trees = 0 }).Judge(Row(1e9, "Z", "Q"), []).Reasons!)!.Length.ShouldBe(3);

    [Theory, InlineData(0.01), InlineData(0.1)]
    public void Fit_Contamination_FlagsThatShareOfTheTrainingRows(double contamination)
    {
        var features = Features();
        var detector = Detector(new OutliersDefinition { Contamination = contamination }, features);
        var flagged = Enumerable.Range(0, features.Rows).Count(i => detector.Score(features.Row(i)) > detector.Document.Forest!.Threshold);
        flagged.ShouldBeInRange((int)(features.Rows * contamination * 0.5), (int)(features.Rows * contamination));
        var far = detector.Judge(Row(120, "A", "B"), [9f, 9f]);
        far.Score.ShouldBeGreaterThan(far.Threshold);
        JsonSerializer.Deserialize<string[]>(far.Reasons!)!.ShouldHaveSingleItem().ShouldStartWith("the values together are unusual: score 0.");
    }

    [Fact]
    public void Document_WrittenAndRead_JudgesTheSame()
    {
        var features = Features();
        var detector = Detector(new OutliersDefinition(), features);
        using var stream = new MemoryStream();
        detector.Document.Write(stream);
        stream.Position = 0;
        var again = new OutlierDetector(OutlierDocument.Read(stream), Inputs);
        for (var i = 0; i < 200; i++) again.Score(features.Row(i)).ShouldBe(detector.Score(features.Row(i)));
        again.Judge(Row(150, "Z", "A"), [0, 0]).ShouldBe(detector.Judge(Row(150, "Z", "A"), [0, 0]));
    }

    [Fact]
    public void Document_OfANewerProgram_IsRefused()
    {
        using var stream = new MemoryStream("""{"schemaVersion":2,"rows":1,"rare":0,"contamination":0.1,"ranges":[],"categories":[],"pairs":[]}"""u8.ToArray());
        Should.Throw<InvalidDataException>(() => OutlierDocument.Read(stream)).Message.ShouldBe("outliers.json has schemaVersion 2; this program knows up to 1: update it");
    }

    [Fact]
    public void ForestInput_CategoriesAndMissingValues_AreSharesAndMiddles()
    {
        var input = ForestInput.Of(new FeatureMatrix([1, 0, 2, 0, 3, 0, 4, 1, float.NaN, float.NaN], 5, [new FeatureSlot("x", 0, false), new FeatureSlot("c", 2, false)]))!;
        var row = new float[2];
        input.Fill([7, 1], row);
        row.ShouldBe([7, 0.2f]);
        input.Fill([float.NaN, float.NaN], row);
        row.ShouldBe([3, 0.6f]);
        input.Fill([1, 5], row);
        row[1].ShouldBe(0); // a category that training did not know
    }

    // 20 of 100 against a limit of 0.05: Wilson's interval begins at 0.133. 3 of 40 (0.075): it begins at 0.026.
    [Theory, InlineData(100, 20, true), InlineData(40, 3, false), InlineData(100000, 5200, true), InlineData(100000, 5000, false)]
    public void OutlierShare_AboveTheLimit_ExceedsItOnlyBeyondChance(long rows, long flagged, bool exceeded) => OutlierShare.Of(rows, flagged, 0.05)!.Exceeded.ShouldBe(exceeded);

    private static OutlierDetector Detector(OutliersDefinition outliers, FeatureMatrix? features = null) =>
        new(OutlierFitting.Fit(Model(outliers), Inputs, features ?? new FeatureMatrix([], 0, []), Rows, [.. Enumerable.Range(0, 3000)])!, Inputs);

    private static FeatureMatrix Features()
    {
        var random = new Random(3);
        return new FeatureMatrix([.. Enumerable.Range(0, 6000).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble()))], 3000, [new FeatureSlot("x", 0, false), new FeatureSlot("y", 0, false)]);
    }

    private static RawRow Row(double distance, string origin, string destination)
    {
        var row = new RawRow(Inputs.Length);
        row.SetNumber(0, distance);
        row.SetText(1, origin);
        row.SetText(2, destination);
        row.SetBoolean(3, true);
        return row;
    }

    private static ModelDefinition Model(OutliersDefinition outliers) => new()
    {
        Name = "late", Task = TaskKind.Binary, Dataset = "flights", Label = new("delay > 15"), Features = [], Trainer = new("baseline", new Dictionary<string, Parameter>(), 1, 1, 1), Holdout = TimeSpan.FromDays(1),
        Gate = new(), File = "models/late.yaml", Outliers = outliers,
    };
}

using CsCheck;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Core.Tests.Features;

public sealed class FeaturePlanTests
{
    private static readonly RawSchema Schema = FeatureCompiler.SchemaOf(Fixture.Dataset);
    private static readonly TrainerTraits Trees = new(NativeMissing: true, NativeCategories: true, NeedsScaling: false);
    private static readonly TrainerTraits Linear = new(NativeMissing: false, NativeCategories: false, NeedsScaling: true);

    private static readonly FeatureDefinition[] Features =
    [
        Fixture.Feature("hour", "date.Hour"), Fixture.Feature("distance", "distance"), Fixture.Feature("log", "Math.Log(distance + 1)"),
        Fixture.Feature("origin", "origin"), Fixture.Feature("first", "origin.Substring(0, 1)", FeatureEncoding.OneHot),
        Fixture.Feature("weekday", "int(date.DayOfWeek)", FeatureEncoding.Category), Fixture.Feature("weekend", "weekend"),
    ];

    private static FeaturePlan Fit(Table table, TrainerTraits traits, params FeatureDefinition[] features) =>
        FeatureFitting.Fit(Fixture.Model(features), Schema, traits, table, [.. Enumerable.Range(0, table.Rows)]);

    // Training and serving share one implementation: rows of a table and rows that a caller sets by hand give the same floats.
    [Fact]
    public void Transform_AnyTable_EqualsFillOfEachRow() => Gen.Select(Gen.Int[1, 300], Gen.Int, Gen.Double[0, 0.9]).Sample((rows, seed, missing) =>
    {
        var table = Fixture.Table(rows, seed, missing);
        FeaturePlan plan;
        try
        {
            plan = Fit(table, seed % 2 == 0 ? Trees : Linear, Features);
        }
        catch (DataException)
        {
            return; // a feature without any value
        }

        var matrix = plan.Transform(table, [.. Enumerable.Range(0, rows)]);
        var features = new float[plan.Slots.Count];
        for (var i = 0; i < rows; i++)
        {
            plan.Fill(RequestRow(plan.Schema, table, i), features);
            matrix.Row(i).SequenceEqual(features).ShouldBeTrue();
        }
    }, iter: 60, seed: "0000000000001");

    [Fact]
    public void Fit_Categories_AreOrdinalAndIndexedByTheirOrder()
    {
        var plan = Fit(Fixture.Table(500), Trees, Fixture.Feature("origin", "origin"), Fixture.Feature("weekday", "int(date.DayOfWeek)", FeatureEncoding.OneHot));
        plan.State.Features[0].Categories.ShouldBe(["ATL", "JFK", "LAX", "ORD", "SFO"]);
        plan.State.Features[1].Categories.ShouldBe(["0", "1", "2", "3", "4", "5", "6"]);
        plan.Slots.ShouldBe([new FeatureSlot("origin", 5, false), new FeatureSlot("weekday", 7, true)]);
    }

    [Fact]
    public void Fill_UnknownCategory_IsMissing()
    {
        var plan = Fit(Fixture.Table(500), Trees, Fixture.Feature("origin", "origin"));
        var (row, features) = (plan.Schema.NewRow(), new float[1]);
        row.SetText(0, "XXX");
        plan.Fill(row, features);
        features[0].ShouldBe(float.NaN);
    }

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity), InlineData(double.NegativeInfinity), InlineData(1e300)]
    public void Fill_NotAFiniteFloat_CountsAsMissing(double value)
    {
        var plan = Fit(Fixture.Table(500, missing: 0), Trees, Fixture.Feature("distance", "distance", missing: MissingHandling.Mean));
        var (row, features) = (plan.Schema.NewRow(), new float[1]);
        row.SetNumber(0, value);
        plan.Fill(row, features);
        features[0].ShouldBe((float)plan.State.Features[0].Fill!.Value);
    }

    [Fact]
    public void Fit_MissingHandling_FillsAsAsked()
    {
        var table = new Table(4, [new NumberColumn("distance", [1, 2, 6, 0], [false, false, false, true])]);
        float[] Column(MissingHandling missing, double? value = null) => [.. Fit(table, Trees,
            Fixture.Feature("distance", "distance", missing: missing) with { MissingValue = value }).Transform(table, [0, 1, 2, 3]).Values];
        Column(MissingHandling.Keep).ShouldBe([1, 2, 6, float.NaN]);
        Column(MissingHandling.Auto).ShouldBe([1, 2, 6, float.NaN]);
        Column(MissingHandling.Mean).ShouldBe([1, 2, 6, 3]);
        Column(MissingHandling.Median).ShouldBe([1, 2, 6, 2]);
        Column(MissingHandling.Value, -1).ShouldBe([1, 2, 6, -1]);
    }

    // A trainer that met no missing value would read a later one as zero.
    [Fact]
    public void Fit_AutoWithoutMissingValuesInTraining_FillsWithTheMean()
    {
        var table = new Table(3, [new NumberColumn("distance", [1, 2, 6], null)]);
        Fit(table, Trees, Fixture.Feature("distance", "distance")).State.Features[0].Fill.ShouldBe(3);
    }

    [Fact]
    public void Fit_Scaling_GivesMeanZeroAndDeviationOne()
    {
        var table = Fixture.Table(20_000);
        var values = Fit(table, Linear, Fixture.Feature("distance", "distance")).Transform(table, [.. Enumerable.Range(0, table.Rows)]).Values;
        values.Average(v => (double)v).ShouldBe(0, 1e-6);
        values.Any(float.IsNaN).ShouldBeFalse();
        Math.Sqrt(values.Where(v => v != 0).Average(v => (double)v * v)).ShouldBe(1, 1e-3);
    }

    [Fact]
    public void Fit_FeatureWithoutAnyValue_SaysWhichAndWhy()
    {
        var table = new Table(2, [new NumberColumn("distance", [0, 0], [true, true])]);
        Should.Throw<DataException>(() => Fit(table, Trees, Fixture.Feature("far", "distance"))).Message.ShouldBe(
            "feature 'far' of model 'late' is missing in every training row; see whether the column in 'distance' is filled in the drops");
    }

    [Fact]
    public void ColumnsOf_EachFeature_NamesItsRawColumns()
    {
        var plan = Fit(Fixture.Table(500), Trees, Fixture.Feature("far", "distance > 1000 && weekend"), Fixture.Feature("hour", "date.Hour"));
        plan.ColumnsOf("far").ShouldBe(["distance", "weekend"]);
        plan.ColumnsOf("hour").ShouldBe(["date"]);
        plan.Slots.Select(s => s.Feature).ShouldBe(["far", "hour"]);
        Should.Throw<ArgumentException>(() => plan.ColumnsOf("houre")).Message.ShouldStartWith("the model has no feature 'houre'. Did you mean 'hour'?");
    }

    private static RawRow RequestRow(RawSchema schema, Table table, int i)
    {
        var row = schema.NewRow();
        for (var slot = 0; slot < schema.Columns.Count; slot++)
        {
            var column = table[schema.Columns[slot].Name];
            if (column.IsMissing(i)) continue;
            switch (column)
            {
                case IntegerColumn c: row.SetInteger(slot, c.Values[i]); break;
                case NumberColumn c: row.SetNumber(slot, c.Values[i]); break;
                case BooleanColumn c: row.SetBoolean(slot, c.Values[i]); break;
                case TimestampColumn c: row.SetTimestamp(slot, c.Ticks[i]); break;
                case StringColumn c: row.SetText(slot, new string(c[i])); break;
            }
        }

        return row;
    }
}

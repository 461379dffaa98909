using Serverless.Drift.Shape;

namespace Serverless.Core.Tests.Drift.Shape;

public sealed class ShapeTests
{
    private const int Series = 40;

    /// <summary>40 series of 60 values for each kind, noise of deviation 1 and changes of 2.5 to 5: at least 90 % are named right, and noise is called noise in 95 %.</summary>
    [Fact]
    public void Find_GeneratedSeries_AreNamedRight()
    {
        var confusion = Enum.GetValues<ShapeKind>().ToDictionary(k => k, k =>
            Enumerable.Range(0, Series).AsParallel().Select(seed => Find(Generated(k, seed)).Kind).ToArray().CountBy(f => f).ToDictionary());
        int Right(ShapeKind k) => confusion[k].GetValueOrDefault(k);
        var table = string.Join('\n', confusion.Select(c => $"{c.Key}: {string.Join(", ", c.Value.Select(v => $"{v.Key} {v.Value}"))}"));

        (confusion.Keys.Sum(Right) / (5.0 * Series)).ShouldBeGreaterThanOrEqualTo(0.9, table);
        Right(ShapeKind.None).ShouldBeGreaterThanOrEqualTo((int)(0.95 * Series), table);
        foreach (var kind in confusion.Keys) Right(kind).ShouldBeGreaterThanOrEqualTo((int)(0.8 * Series), table);
    }

    [Fact]
    public void Find_DependentNoise_IsMostlyCalledNoise()
    {
        // An autoregression of 0.5 wanders; a method that takes its values for independent names a shape in most series.
        var named = Enumerable.Range(0, 100).AsParallel().Count(seed =>
        {
            var noise = Samples.Normal(seed + 900, 80);
            for (var t = 1; t < noise.Length; t++) noise[t] += 0.5 * noise[t - 1];
            return Find(noise).Kind != ShapeKind.None;
        });
        named.ShouldBeLessThanOrEqualTo(15);
    }

    [Fact]
    public void Find_Step_SaysWhereAndHowFar()
    {
        var shape = Find([.. Samples.Normal(4, 40).Select((v, t) => v + (t >= 25 ? 10 : 0))]);
        shape.Kind.ShouldBe(ShapeKind.Sudden);
        shape.At.ShouldBe("25");
        shape.Before!.Value.ShouldBe(0, 0.6);
        shape.After!.Value.ShouldBe(10, 0.8);
        shape.PValue!.Value.ShouldBeLessThan(0.01);
        shape.Evidence!.Value.ShouldBeGreaterThan(10);
        shape.Message.ShouldStartWith("jumped from ");
    }

    [Fact]
    public void Find_Ramp_SaysFromWhereToWhereAndHowSteep()
    {
        var shape = Find([.. Samples.Normal(5, 60).Select((v, t) => v + (0.4 * Math.Clamp(t - 15, 0, 30)))]);
        shape.Kind.ShouldBe(ShapeKind.Gradual);
        int.Parse(shape.At!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(11, 19);
        int.Parse(shape.Until!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(41, 49);
        shape.Slope!.Value.ShouldBeInRange(0.2, 0.4);
    }

    [Fact]
    public void Find_WeeklyPattern_SaysSeven()
    {
        double[] week = [0, 0, 1, 0, 0, 6, 5];
        var shape = Find([.. Samples.Normal(6, 70).Select((v, t) => v + week[t % 7])]);
        (shape.Kind, shape.Period).ShouldBe((ShapeKind.Recurrent, 7));
        shape.Autocorrelation!.Value.ShouldBeGreaterThan(0.5);
    }

    [Fact]
    public void Find_AwayAndBack_IsRecurrentWithBothPlaces()
    {
        var shape = Find([.. Samples.Normal(7, 60).Select((v, t) => v + (t is >= 20 and < 35 ? 8 : 0))]);
        (shape.Kind, shape.At, shape.Until, shape.Period).ShouldBe((ShapeKind.Recurrent, "20", "35", null));
    }

    [Fact]
    public void Find_TheNewestDayIsUnlikeTheOthers_SaysThatItIsTooEarlyToTell()
    {
        double[] calm = [.. Enumerable.Range(0, 30).Select(t => 0.19 + (0.01 * Math.Sin(t * 1.7)))];
        var shape = Find([.. calm, 3.97]);
        (shape.Kind, shape.At, shape.After).ShouldBe((ShapeKind.None, "30", 3.97));
        shape.Message.ShouldStartWith("30 is unlike those before it (3.97 where 0.1");
        shape.Message.ShouldEndWith("was usual); the next ones tell whether it stands alone or is a jump");
        Find([.. calm, 3.97, .. calm.Take(5)]).Kind.ShouldBe(ShapeKind.Blip);
        Find([.. calm, .. Enumerable.Repeat(3.97, 8)]).Kind.ShouldBe(ShapeKind.Sudden);
    }

    [Fact]
    public void Find_OneDay_IsABlipThatIsNamed()
    {
        var shape = Find([.. Samples.Normal(8, 60).Select((v, t) => v + (t == 31 ? -15 : 0))]);
        (shape.Kind, shape.At).ShouldBe((ShapeKind.Blip, "31"));
        shape.Isolated.ShouldBe(["31"]);
    }

    [Fact]
    public void Find_StepWithABlip_IsSuddenAndNamesTheDay()
    {
        var shape = Find([.. Samples.Normal(9, 60).Select((v, t) => v + (t >= 30 ? 6 : 0) + (t == 10 ? 20 : 0))]);
        shape.Kind.ShouldBe(ShapeKind.Sudden);
        shape.Isolated.ShouldBe(["10"]);
    }

    [Fact]
    public void Find_FewOrEqualOrMissingValues_SaysNone()
    {
        Find([1, 2, 3]).Message.ShouldBe("3 values are too few to have a shape; 8 are needed");
        Find([5, 5, 5, 5, 5, 5, 5, 5, 5]).Message.ShouldBe("the same value throughout");
        ShapeFinder.Find([.. Enumerable.Range(0, 20).Select(i => $"{i}")], [.. Enumerable.Repeat((double?)null, 20)]).Points.ShouldBe(0);
        var gaps = Samples.Normal(4, 40).Select((v, t) => t % 5 == 0 ? double.NaN : v + (t >= 25 ? 10 : 0)).Select(v => (double?)v).ToArray();
        var found = ShapeFinder.Find([.. Enumerable.Range(0, 40).Select(i => $"{i}")], gaps);
        (found.Kind, found.At, found.Points).ShouldBe((ShapeKind.Sudden, "26", 32));
    }

    internal static DriftShape Find(double[] values) => ShapeFinder.Find([.. Enumerable.Range(0, values.Length).Select(i => $"{i}")], [.. values.Select(v => (double?)v)]);

    private static double[] Generated(ShapeKind kind, int seed)
    {
        var random = new Random(seed);
        var noise = Samples.Normal(seed + ((int)kind * 1000), 60);
        var size = (2.5 + (2.5 * random.NextDouble())) * (random.Next(2) * 2 - 1);
        var at = random.Next(15, 45);
        var (length, period, phase) = (random.Next(15, 30), random.Next(5, 15), random.NextDouble() * 7);
        return [.. noise.Select((v, t) => v + (kind switch
        {
            ShapeKind.Sudden => t >= at ? size : 0,
            ShapeKind.Gradual => 1.2 * size * Math.Clamp((t - (at / 2.0)) / length, 0, 1),
            ShapeKind.Recurrent => seed % 2 == 0 ? size / 2 * Math.Sin((2 * Math.PI * t / period) + phase) : t >= at - 8 && t < at + 6 ? size : 0,
            ShapeKind.Blip => t == at ? 4 * size : 0,
            _ => 0,
        }))];
    }
}

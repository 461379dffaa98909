using System.Text.Json.Serialization;

namespace Serverless.Search;

/// <summary>Where a search looks: trainers, and for each the hyperparameters that vary. A hyperparameter exists only for its own trainer.</summary>
internal sealed record SearchSpace(IReadOnlyList<TrainerSpace> Trainers);

internal sealed record TrainerSpace(string Trainer, IReadOnlyList<Dimension> Dimensions);

/// <summary>The values of one hyperparameter; of one that takes words, the indices of the words.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ChoiceDimension), "choice")]
[JsonDerivedType(typeof(NumberDimension), "number")]
internal abstract record Dimension(string Name)
{
    /// <summary>A value drawn before anything is known.</summary>
    public abstract double Draw(Random random);
}

/// <summary>One of a list, without an order. A fixed value is a list of one.</summary>
internal sealed record ChoiceDimension(string Name, IReadOnlyList<double> Values) : Dimension(Name)
{
    public override double Draw(Random random) => Values[random.Next(Values.Count)];
}

/// <summary>Between two bounds, both included.</summary>
/// <param name="Log">Equal steps are equal ratios; the bounds must be above 0.</param>
internal sealed record NumberDimension(string Name, double Min, double Max, bool Log, bool Integer) : Dimension(Name)
{
    // A whole number stands for the interval that rounds to it, so that the bounds come as often as the others.
    private double Half => Integer ? 0.5 : 0;

    /// <summary>The bounds on the scale on which the values are spread evenly.</summary>
    [JsonIgnore]
    public (double Low, double High) Scale => (Scaled(Min - Half), Scaled(Max + Half));

    /// <summary>A value on that scale.</summary>
    public double Scaled(double value) => Log ? Math.Log(value) : value;

    /// <summary>A value of this hyperparameter from one on that scale.</summary>
    public double Value(double scaled)
    {
        var value = Log ? Math.Exp(scaled) : scaled;
        return Math.Clamp(Integer ? Math.Round(value, MidpointRounding.AwayFromZero) : value, Min, Max);
    }

    public override double Draw(Random random) => Value(Scale.Low + (random.NextDouble() * (Scale.High - Scale.Low)));
}

/// <param name="Values">By hyperparameter; those of the trainer's space.</param>
internal sealed record Configuration(string Trainer, IReadOnlyDictionary<string, double> Values);

/// <param name="Loss">Lower is better; null when the trial failed, which counts as worse than any.</param>
internal sealed record Observation(Configuration Configuration, double? Loss);

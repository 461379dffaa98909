using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>A variant as this process serves it.</summary>
public sealed class ServedVariant
{
    private volatile bool suspended;

    internal ServedVariant(string name, ServedModel? model, ServedModel? shadow, VariantCounters counters, VariantCounters? dark)
    {
        (Name, Model, Shadow, Counters, Dark) = (name, model, shadow, counters, dark);
    }

    public string Name { get; }

    /// <summary>Who answers; null = the champion, as for everybody without a rollout.</summary>
    public ServedModel? Model { get; }

    /// <summary>Who answers the same rows in the dark; null = nobody.</summary>
    public ServedModel? Shadow { get; }

    public VariantCounters Counters { get; }

    /// <summary>Of what is answered in the dark.</summary>
    public VariantCounters? Dark { get; }

    /// <summary>It hung in this process: a thread is lost to it, and it gets no other.</summary>
    public bool Suspended => suspended;

    internal void Suspend() => suspended = true;
}

namespace Serverless.Switches;

/// <summary>Which optional parts are switched on at this moment. Asking costs a look-up, so a request may.</summary>
public interface ISwitches
{
    /// <param name="part">One of <see cref="SwitchedParts"/>.</param>
    /// <param name="subject">The model or dataset that it is about.</param>
    bool IsOn(string part, string subject);
}

/// <summary>For hosts without flags.</summary>
internal sealed class AllOn : ISwitches
{
    public bool IsOn(string part, string subject) => true;
}

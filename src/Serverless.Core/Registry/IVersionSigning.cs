namespace Serverless.Registry;

/// <summary>A person answers for a version that nobody has signed.</summary>
public interface IVersionSigning
{
    /// <summary>False when it has a good signature already.</summary>
    /// <param name="replace">Also where there is a signature, be it good or bad.</param>
    /// <exception cref="Problems.RequestException">There is no such version, or it has a signature that is no good and <paramref name="replace"/> is not said.</exception>
    /// <exception cref="Problems.TamperedException">model.zip or the manifest is not what was registered.</exception>
    Task<bool> SignAsync(string model, int version, string by, string comment, bool replace, CancellationToken cancel = default);
}

namespace Serverless.Registry;

/// <summary>Releases an approved version bit by bit, where its model file asks for that, instead of making it champion at once.</summary>
internal interface IGradualRelease
{
    /// <summary>False where the version is to be champion at once. Asking again for the same version changes nothing.</summary>
    Task<bool> BeginAsync(ModelVersion version, string by, string comment, CancellationToken cancel);
}

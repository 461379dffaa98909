namespace Serverless.Web;

public sealed record WebOptions
{
    /// <summary>True where the host has already decided who may call (function keys, Entra ID): keys of the workspace are not asked for then.</summary>
    public bool AuthenticatedByHost { get; init; }
}

namespace Serverless.Web.Tests;

internal static class Eventually
{
    /// <summary>Asks again until true, for at most half a minute: for what happens soon, but not at a known moment.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (!await condition())
        {
            if (DateTime.UtcNow > until) throw new TimeoutException(what);
            await Task.Delay(20);
        }
    }
}

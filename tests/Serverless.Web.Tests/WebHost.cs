using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Local;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Testing;
using Serverless.Workspaces;
using Serverless.Web.Predict;

namespace Serverless.Web.Tests;

/// <summary>The whole API on a real Kestrel and a local store.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly TempFolder? temporary;
    private readonly WebApplication app;

    private WebHost(WebApplication app, TempFolder? temporary, string folder)
    {
        (this.app, this.temporary, Folder) = (app, temporary, folder);
        Address = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        Client = new HttpClient { BaseAddress = Address };
    }

    public string Folder { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public RecordedLog Log { get; private init; } = null!;

    public IModelRegistry Registry => app.Services.GetRequiredService<IModelRegistry>();

    public IPredictionLog Predictions => app.Services.GetRequiredService<IPredictionLog>();

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<WebHost> StartAsync(
        Workspace? workspace = null, string? folder = null, Action<IServiceCollection>? services = null, string url = "http://127.0.0.1:0", bool champions = true)
    {
        var temporary = folder is null ? new TempFolder() : null;
        folder ??= temporary![".serverless"];
        var log = new RecordedLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls(url);
        builder.Services.AddServerless((workspace ?? Flights.Workspace()) with { Storage = new StorageSettings { Folder = folder } }).AddLocalStorage(folder).AddServerlessWeb();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UsePredictions().UseRouting();
        app.MapServerless();
        var registry = app.Services.GetRequiredService<IModelRegistry>();
        if (champions && await registry.AliasAsync("late", Alias.Champion) is null)
        {
            foreach (var model in new[] { "late", "minutes", "reason" })
            {
                await registry.RegisterAsync(Flights.Candidate(model, 1));
                await registry.PromoteAsync(model, 1, "test", "");
            }
        }

        await app.StartAsync();
        return new WebHost(app, temporary, folder) { Log = log };
    }

    public Task<HttpResponseMessage> PredictAsync(string model, string body) =>
        Client.PostAsync($"/v1/models/{model}/predict", new StringContent(body, Encoding.UTF8, "application/json"));

    /// <summary>Status and body of a prediction.</summary>
    public async Task<(int Status, JsonNode Body)> AskAsync(string body, string model = "late")
    {
        using var response = await PredictAsync(model, body);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    public async Task<JsonNode> GetAsync(string path, int status = 200)
    {
        using var response = await Client.GetAsync(path);
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        temporary?.Dispose();
    }
}

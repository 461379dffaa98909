using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless;
using Serverless.Azure;
using Serverless.DuckDb;
using Serverless.FeatureManagement;
using Serverless.LightGbm;
using Serverless.MLNet;
using Serverless.Mail;
using Serverless.Onnx;
using Serverless.Scheduling;
using Serverless.Scoring;
using Serverless.Sources;
using Serverless.Web;
using Serverless.Workspaces;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// The workspace travels with the app. Its store is the account of the deployment, whatever the file says; on an emulator, the connection that the triggers use.
var draft = WorkspaceLoader.Read(Path.Combine(AppContext.BaseDirectory, "workspace"));
var storage = DeployedStorage.Settings(draft.Workspace.Storage, Environment.GetEnvironmentVariable);

builder.Services
    .AddServerless(draft.Workspace with { Storage = storage })
    .AddAzureStorage(storage)
    .AddAzureMonitor("functions")
    .AddDuckDb()
    .AddLightGbm()
    .AddMLNet()
    .AddOnnxImport()
    .AddSingleton<IPredictorFormat, OnnxFormat>()
    .AddSourceReaders()
    .AddAzureSources()
    .AddMail()
    .AddSchedulerTicks()
    .AddServerlessWeb(new WebOptions { AuthenticatedByHost = true })
    .AddSingleton<ApiPipeline>()
    .AddFlags();

var app = builder.Build();
draft.Accept(app.Services.GetServices<IWorkspaceValidator>());

// What the workspace asks for and this version does not do.
var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Serverless.Workspace");
foreach (var warning in draft.Workspace.Warnings) log.LogWarning(new EventId(7001), "{Warning}", warning);
app.Run();

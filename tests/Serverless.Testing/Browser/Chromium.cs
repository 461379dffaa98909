using System.Diagnostics;
using System.Text.Json;

namespace Serverless.Testing.Browser;

/// <summary>A headless Chromium of its own, with an empty profile, driven over the DevTools protocol: no driver and no package, only the browser has to be there.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly Process process;
    private readonly TempFolder profile;
    private readonly DevTools tools;
    private readonly string session;

    private Chromium(Process process, TempFolder profile, DevTools tools, string session) => (this.process, this.profile, this.tools, this.session) = (process, profile, tools, session);

    /// <summary>Where the browser is; null where there is none. SERVERLESS_CHROMIUM names another one.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("SERVERLESS_CHROMIUM") is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Why a test with a browser is skipped; null where it can run.</summary>
    public static string? Missing => Program is null ? "no Chromium on the path: install it (Debian: apt-get install chromium), or name one in SERVERLESS_CHROMIUM" : null;

    public static async Task<Chromium> StartAsync()
    {
        var profile = new TempFolder();
        var start = new ProcessStartInfo(Program ?? throw new InvalidOperationException(Missing),
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", "about:blank",
        ]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        try
        {
            var address = await AddressAsync(process);
            var tools = await DevTools.ConnectAsync(address);
            var target = (await tools.SendAsync("Target.createTarget", new { url = "about:blank" })).GetProperty("targetId").GetString();
            var session = (await tools.SendAsync("Target.attachToTarget", new { targetId = target, flatten = true })).GetProperty("sessionId").GetString()!;
            var browser = new Chromium(process, profile, tools, session);
            await browser.SendAsync("Page.enable");
            return browser;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            profile.Dispose();
            throw;
        }
    }

    /// <summary>Opens a page and waits until its document stands.</summary>
    public async Task GoAsync(Uri address)
    {
        await SendAsync("Page.navigate", new { url = address.AbsoluteUri });
        await UntilAsync($"location.href === {Quote(address.AbsoluteUri)} && document.readyState === 'complete'");
    }

    /// <summary>The value of an expression in the page; promises are awaited. Throws with the page's own error.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        if (answer.TryGetProperty("exceptionDetails", out var fault)) throw new InvalidOperationException($"{expression}: {fault}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async Task<string> TextAsync(string selector) => (await EvaluateAsync($"document.querySelector({Quote(selector)})?.textContent ?? ''")).GetString()!;

    /// <summary>Asks until an expression is true. Throws after a minute, with what the page shows.</summary>
    public async Task UntilAsync(string condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if ((await EvaluateAsync($"!!({condition})")).ValueKind == JsonValueKind.True) return;
            if (clock.Elapsed > Patience) throw new TimeoutException($"never true: {condition}\n{(await EvaluateAsync("document.body.innerText")).GetString()}");
            await Task.Delay(25);
        }
    }

    /// <summary>Presses a key as a keyboard does: <c>Tab</c>, <c>Enter</c>, ...</summary>
    public async Task PressAsync(string key)
    {
        var (code, text) = key switch { "Tab" => (9, null), "Enter" => (13, "\r"), "Escape" => (27, null), " " => (32, " "), _ => throw new ArgumentException($"key '{key}' is not known", nameof(key)) };
        await SendAsync("Input.dispatchKeyEvent", new { type = text is null ? "rawKeyDown" : "keyDown", key, code = key == " " ? "Space" : key, windowsVirtualKeyCode = code, text });
        await SendAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, code = key == " " ? "Space" : key, windowsVirtualKeyCode = code });
    }

    /// <summary>Types text where the focus is.</summary>
    public Task TypeAsync(string text) => SendAsync("Input.insertText", new { text });

    /// <summary>What the user's system prefers: <c>light</c> or <c>dark</c>.</summary>
    public Task PreferAsync(string scheme) => SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });

    /// <summary>The window, in CSS pixels.</summary>
    public Task ResizeAsync(int width, int height) => SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });

    public async ValueTask DisposeAsync()
    {
        await tools.DisposeAsync();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        profile.Dispose();
    }

    private Task<JsonElement> SendAsync(string method, object? parameters = null) => tools.SendAsync(method, parameters, session);

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private static async Task<Uri> AddressAsync(Process process)
    {
        const string mark = "DevTools listening on ";
        var said = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            said.Add(line);
            if (!line.StartsWith(mark, StringComparison.Ordinal)) continue;

            // What it goes on saying has to be read, or it stops when the pipe is full.
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new Uri(line[mark.Length..].Trim());
        }

        throw new InvalidOperationException($"Chromium did not start: {string.Join('\n', said)}");
    }
}

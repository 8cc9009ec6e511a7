namespace Bindwise.Analyzers.Tests;

/// <summary>BWC005, of web applications, hosts and HttpListeners.</summary>
public sealed class HostStartTests
{
    private const string Using = "using Microsoft.Extensions.Hosting;\n";

    public static TheoryData<string> Found =>
    [
        // A new one for each attempt, without end.
        """
        class Server
        {
            public async Task<WebApplication> StartAsync(string[] args)
            {
                while (true)
                {
                    var app = WebApplication.Create(args);
                    try
                    {
                        await app.StartAsync();
                        return app;
                    }
                    {|BWC005:catch|} (IOException error)
                    {
                        Console.WriteLine(error.Message);
                        await Task.Delay(1000);
                    }
                }
            }

            public void Run(Func<IHost> make)
            {
                for (; ; )
                {
                    try
                    {
                        using var host = make();
                        host.Run();
                        break;
                    }
                    {|BWC005:catch|}
                    {
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        // The same one, which no second start helps: however often.
        """
        class Server
        {
            public async Task StartAsync(WebApplication app)
            {
                for (var attempt = 0; attempt < 5; attempt++)
                {
                    try
                    {
                        await app.StartAsync().ConfigureAwait(false);
                        return;
                    }
                    {|BWC005:catch|} (Exception error) when (attempt < 4)
                    {
                        Console.WriteLine(error.Message);
                    }
                }
            }

            public async Task FilterAsync(WebApplication app)
            {
                for (var attempt = 0; attempt < 5; attempt++)
                {
                    try { await app.StartAsync(); return; }
                    {|BWC005:catch|} (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException) { await Task.Delay(1000); }
                }
            }

            public async Task RunAsync(IHost host, CancellationToken cancellation)
            {
                while (!cancellation.IsCancellationRequested)
                {
                    try { await host.RunAsync(cancellation); break; }
                    {|BWC005:catch|} (IOException) { await Task.Delay(1000, cancellation); }
                }
            }

            public async Task GenericAsync(string[] args)
            {
                using var host = Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.UseUrls("http://localhost:5000")).Build();
                var attempts = 0;
                while (true)
                {
                    try { await host.StartAsync(); break; }
                    {|BWC005:catch|} (IOException) when (++attempts < 10) { await Task.Delay(1000); }
                }
            }
        }
        """,
        """
        class Server
        {
            public void Start(HttpListener listener)
            {
                for (var attempt = 0; attempt < 10; attempt++)
                {
                    try { listener.Start(); return; }
                    {|BWC005:catch|} (HttpListenerException) { Thread.Sleep(1000); }
                }
            }

            public HttpListener Open()
            {
                while (true)
                {
                    var listener = new HttpListener();
                    listener.Prefixes.Add("http://localhost:8080/");
                    try { listener.Start(); return listener; }
                    {|BWC005:catch|} (HttpListenerException error) when (error.ErrorCode == 183) { Thread.Sleep(1000); }
                }
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // A number of attempts, a cancellation, and no retry at all.
        """
        class Server
        {
            public async Task<WebApplication> CountAsync(string[] args)
            {
                for (var attempt = 0; ; attempt++)
                {
                    var app = WebApplication.Create(args);
                    try { await app.StartAsync(); return app; }
                    catch (IOException) when (attempt < 10) { await Task.Delay(1000); }
                }
            }

            public async Task<WebApplication> CancelAsync(string[] args, CancellationToken cancellation)
            {
                while (true)
                {
                    var app = WebApplication.Create(args);
                    try { await app.StartAsync(cancellation); return app; }
                    catch (IOException) { await Task.Delay(1000, cancellation); }
                }
            }

            public async Task SayAsync(WebApplication app)
            {
                while (true)
                {
                    try { await app.StartAsync(); break; }
                    catch (IOException error) { Console.WriteLine(error.Message); throw; }
                }
            }

            public async Task EachAsync(IEnumerable<WebApplication> apps)
            {
                foreach (var app in apps)
                {
                    try { await app.StartAsync(); }
                    catch (IOException error) { Console.WriteLine(error.Message); }
                }
            }
        }
        """,
        // A worker's host starts again; a loop that runs hosts one after the other supervises them; other errors are others.
        """
        class Server
        {
            public async Task StartAsync(IHost host)
            {
                for (var attempt = 0; attempt < 5; attempt++)
                {
                    try { await host.StartAsync(); return; }
                    catch (Exception error) { Console.WriteLine(error.Message); }
                }
            }

            public async Task SuperviseAsync(Func<IHost> make)
            {
                while (true)
                {
                    try { using var host = make(); await host.RunAsync(); }
                    catch (Exception error) { Console.WriteLine(error.Message); await Task.Delay(1000); }
                }
            }

            public async Task OtherAsync(WebApplication app)
            {
                while (true)
                {
                    try { await app.StartAsync(); break; }
                    catch (UnauthorizedAccessException) { await Task.Delay(1000); }
                }
            }

            public async Task CancelledAsync(WebApplication app)
            {
                for (var attempt = 0; attempt < 5; attempt++)
                {
                    try { await app.StartAsync(); return; }
                    catch (Exception error) when (error is OperationCanceledException) { Console.WriteLine(error.Message); }
                }
            }

            public async Task MakeAgainAsync(WebApplication app, Func<WebApplication> make)
            {
                for (var attempt = 0; attempt < 5; attempt++)
                {
                    try { await app.StartAsync(); return; }
                    catch (IOException) { app = make(); }
                }
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Start_ThatIsTriedAgainWithoutEndOrInVain_IsFound(string code) => Checked.AsMarkedAsync(Using + code);
}

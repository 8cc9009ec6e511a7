namespace Bindwise.Analyzers.Tests;

/// <summary>BWC007, BWC008 and BWC009: what a listener is told to listen on.</summary>
public sealed class AddressTests
{
    public static TheoryData<string> Wildcards =>
    [
        """
        class Server
        {
            public void Run()
            {
                using var listener = new TcpListener({|BWC007:IPAddress.Any|}, 8080);
                listener.Start();
                Console.WriteLine("Listening on http://localhost:8080/");
            }
        }
        """,
        """
        var port = int.Parse(args[0]);
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(options => {|BWC007:options.ListenAnyIP(port)|});
        var app = builder.Build();
        app.Logger.LogInformation($"Open http://localhost:{port}/swagger");
        app.Run();
        """,
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls({|BWC007:"http://*:5000"|});
        var app = builder.Build();
        Console.WriteLine("See http://127.0.0.1:5000");
        app.Run();
        """,
        // URLs that the program calls, and a message for other hosts too.
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenAnyIP(8080);
            options.ListenAnyIP(8081);
        });
        using var self = new System.Net.Http.HttpClient { BaseAddress = new Uri("http://localhost:8080") };
        var health = "http://localhost:8080/health";
        await self.GetStringAsync(health);
        await self.GetStringAsync("http://localhost:8081/health");
        Console.WriteLine("http://localhost:8080 (or http://<this-host>:8080)");
        Console.WriteLine($"http://localhost:{8081} or http://{Environment.MachineName}:{8081}");
        """,
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(options => {|BWC007:options.ListenAnyIP(8080)|});
        var url = "http://localhost:8080";
        using var self = new System.Net.Http.HttpClient { BaseAddress = new Uri(url) };
        Console.WriteLine(url);
        """,
        // Another port, an address that is meant, and a container, which is reached from outside.
        """
        class Server
        {
            public void Run(string host)
            {
                using var wide = new TcpListener(IPAddress.Any, 8080);
                using var narrow = new TcpListener(IPAddress.Loopback, 8081);
                using var named = new TcpListener(IPAddress.Parse(host), 8082);
                Console.WriteLine("http://localhost:80801 http://localhost:8081 http://localhost:8082 http://host:8080 localhost:8080");
            }

            public void InAContainer()
            {
                var address = Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true" ? IPAddress.Any : IPAddress.Loopback;
                using var listener = new TcpListener(IPAddress.Any, 8080);
                Console.WriteLine($"http://localhost:{8080} {address}");
            }

            public void AnyPort()
            {
                using var listener = new TcpListener(IPAddress.Any, 0);
                Console.WriteLine("http://localhost:0");
            }
        }
        """,
        // The pages that may call the server.
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls("http://*:3000");
        Microsoft.Extensions.DependencyInjection.CorsServiceCollectionExtensions.AddCors(builder.Services, cors => cors.AddDefaultPolicy(policy => policy.WithOrigins("http://localhost:3000", "http://localhost:4000")));
        builder.Build().Run();
        """,
    ];

    public static TheoryData<string> Obsolete =>
    [
        """
        #pragma warning disable CS0618
        class Server
        {
            private readonly TcpListener _listener = {|BWC008:new TcpListener(8080)|};

            public TcpListener Other() => {|BWC008:new(8081)|};

            public TcpListener Named(int port) => TcpListener.Create(port);

            public TcpListener Both(int port) => new TcpListener(IPAddress.IPv6Any, port);
        }
        """,
    ];

    public static TheoryData<string> Ephemeral =>
    [
        """
        class Server
        {
            private const int Port = 50051;

            public void Run()
            {
                using var listener = new TcpListener(IPAddress.Loopback, {|BWC009:Port|});
                using var dual = TcpListener.Create({|BWC009:40000|});
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                var endPoint = new IPEndPoint(IPAddress.Loopback, {|BWC009:32768|});
                socket.Bind(endPoint);
                socket.Listen();
                using var http = new HttpListener();
                http.Prefixes.Add({|BWC009:"http://localhost:49999/"|});
            }
        }
        """,
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenLocalhost({|BWC009:50000|});
            options.Listen(IPAddress.Loopback, {|BWC009:50001|});
        });
        var app = builder.Build();
        app.Urls.Add({|BWC009:"http://localhost:60999"|});
        app.Run({|BWC009:"https://localhost:40443"|});
        """,
        // Below and above the range; a client's; a UDP socket's; a number that is no port.
        """
        class Others
        {
            public void Run(int port)
            {
                using var below = new TcpListener(IPAddress.Loopback, 32767);
                using var above = new TcpListener(IPAddress.Loopback, 61000);
                using var variable = new TcpListener(IPAddress.Loopback, port);
                using var client = new TcpClient("host", 50051);
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 40000));
                socket.Connect(new IPEndPoint(IPAddress.Loopback, 50051));
                using var backlog = new Socket(SocketType.Stream, ProtocolType.Tcp);
                backlog.Bind(new IPEndPoint(IPAddress.Loopback, 80));
                backlog.Listen(40000);
                using var udp = new UdpClient(50051);
                using var http = new System.Net.Http.HttpClient { BaseAddress = new Uri("http://localhost:50051") };
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wildcards))]
    [MemberData(nameof(Obsolete))]
    [MemberData(nameof(Ephemeral))]
    public Task AddressAndPort_OfAListener_AreFoundAsMarked(string code) => Checked.AsMarkedAsync(code);
}

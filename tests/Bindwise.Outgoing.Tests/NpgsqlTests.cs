using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Outgoing.Tests.Documentation;
using IsolatedProcess;
using Npgsql;

namespace Bindwise.Outgoing.Tests;

/// <summary>Npgsql, which has no hook for its sockets, with a real PostgreSQL on two addresses.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class NpgsqlTests
{
    private const string Programs = "/usr/lib/postgresql/15/bin/";
    private const string Account = "Username=shop;Database=shop;SSL Mode=Disable;" + Patience;

    // Npgsql gives up a connection after 15 s, and a command after 30 s.
    private const string Patience = "Timeout=240;Command Timeout=240";

    [IsolatedFact(Programs + "initdb", "setpriv")]
    public Task Npgsql_BindsNothing_AndARouteChoosesItsSource() => Body.RunAsync(static async () =>
    {
        using var server = await StartAsync();
        await RunAsync("ip", "route", "replace", "local", "127.0.0.9", "dev", "lo", "src", "127.0.0.2", "table", "local");
        World.NarrowRange();
        await using var first = NpgsqlDataSource.Create($"Host=127.0.0.1;{Account}");
        await using var second = NpgsqlDataSource.Create($"Host=127.0.0.9;{Account}");
        var open = await OpenAsync([first, second]);
        Assert.Equal("127.0.0.1", await SourceOfAsync(open[0]));
        Assert.Equal("127.0.0.2", await SourceOfAsync(open[1]));
        var full = await Assert.ThrowsAsync<NpgsqlException>(async () => await second.OpenConnectionAsync());
        Assert.Equal(SocketError.AddressNotAvailable, Assert.IsType<SocketException>(full.GetBaseException(), exactMatch: false).SocketErrorCode);
        // The same question by itself.
        var diagnosis = PortDiagnostics.Diagnose(PortQuery.OfConnect(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 5432)));
        Assert.Contains(diagnosis.PortUse!.Destinations, static use => use.RemoteEndPoint.ToString() == "127.0.0.9:5432" && use.Count == World.RangeSize);
        await CloseAsync(open);
    });

    [IsolatedFact(Programs + "initdb", "setpriv")]
    public Task Relay_OpensItsConnections_FromTheSource() => Body.RunAsync(static async () =>
    {
        using var server = await StartAsync();
        World.NarrowRange();
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [World.Source], Close = CloseStrategy.PeerFirst() });
        using var end = new CancellationTokenSource();
        var relays = new List<Task>();
        var sources = new List<NpgsqlDataSource>();
        foreach (var address in (string[])["127.0.0.1", "127.0.0.9"])
        {
            var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
            relays.Add(Examples.RelayAsync(connector, folder, new IPEndPoint(IPAddress.Parse(address), 5432), end.Token));
            await using var source = Examples.Npgsql(folder);
            sources.Add(NpgsqlDataSource.Create($"{source.ConnectionString};{Patience}"));
        }
        var open = await OpenAsync(sources);
        Assert.All(await Task.WhenAll(open.Select(SourceOfAsync)), static source => Assert.Equal("127.0.0.2", source));
        Assert.All(connector.ReadPressure(), static one => Assert.Equal((World.Source, 1.0), (one.LocalAddress, one.Fraction)));
        Assert.Equal(2, connector.ReadPressure().Length);
        await Assert.ThrowsAsync<NpgsqlException>(async () => await sources[0].OpenConnectionAsync());
        // The server closes first, so a connection that ends gives its port back to the next at once.
        await open[0].CloseAsync();
        sources[0].Clear();
        await Eventually.SucceedsAsync(async () => open[0] = await sources[0].OpenConnectionAsync());
        Assert.DoesNotContain(SocketTable.Read(new SocketFilter { States = [TcpSocketState.TimeWait] }).Sockets, static one => one.LocalEndPoint!.Port != 5432);
        await CloseAsync(open);
        sources.ForEach(static one => one.Dispose());
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => relays[0]);
    });

    private static async Task<List<NpgsqlConnection>> OpenAsync(List<NpgsqlDataSource> sources)
    {
        var open = new List<NpgsqlConnection>();
        for (var index = 0; index < World.RangeSize * sources.Count; index++)
            open.Add(await sources[index % sources.Count].OpenConnectionAsync());
        return open;
    }

    private static async Task<string> SourceOfAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT host(inet_client_addr())", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task CloseAsync(List<NpgsqlConnection> open)
    {
        foreach (var one in open)
            await one.DisposeAsync();
    }

    /// <summary>It ends with the body's PID namespace, if not before.</summary>
    private static async Task<Server> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        folder.UnixFileMode = (UnixFileMode)0b111_111_111;
        var data = Path.Combine(folder.FullName, "data");
        // PostgreSQL refuses root.
        string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        await RunAsync("setpriv", [.. nobody, Programs + "initdb", "-D", data, "-A", "trust", "-U", "shop", "--no-sync"]);
        await File.AppendAllTextAsync(Path.Combine(data, "pg_hba.conf"), "host all all 127.0.0.0/8 trust\n");
        var process = Process.Start(new ProcessStartInfo("setpriv",
        [
            .. nobody, Programs + "postgres", "-D", data, "-k", folder.FullName, "-c", "listen_addresses=127.0.0.1,127.0.0.9", "-c", "fsync=off", "-c", "authentication_timeout=600",
        ])
        { RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        await Eventually.SucceedsAsync(async () =>
        {
            await using var connection = new NpgsqlConnection($"Host={folder.FullName};Username=shop;Database=postgres;Pooling=false;SSL Mode=Disable;{Patience}");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE DATABASE shop", connection);
            await command.ExecuteNonQueryAsync();
        });
        return new Server(process);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors + await output);
    }

    private sealed class Server(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }
}

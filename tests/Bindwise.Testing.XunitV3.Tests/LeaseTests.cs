using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Bindwise.Testing.XunitV3.Tests;

/// <summary>Leases of classes that xunit runs side by side.</summary>
[SupportedOSPlatform("linux")]
public abstract class LeaseTests
{
    private static readonly ConcurrentDictionary<int, string> Held = [];

    [Fact]
    public void Ports_OfClassesThatRunSideBySide_AreNeverTheSame()
    {
        for (var round = 0; round < 20; round++)
        {
            var leases = PortLease.Take(25);
            try
            {
                foreach (var lease in leases)
                {
                    Assert.True(Held.TryAdd(lease.Port, GetType().Name), $"{GetType().Name} got port {lease.Port}, which {Held.GetValueOrDefault(lease.Port)} has");
                    var server = new TcpListener(IPAddress.Loopback, lease.Port);
                    server.Start();
                    server.Dispose();
                }
            }
            finally
            {
                foreach (var lease in leases)
                {
                    if (Held.TryGetValue(lease.Port, out var holder) && holder == GetType().Name)
                        Held.TryRemove(lease.Port, out _);
                    lease.Dispose();
                }
            }
        }
    }
}

/// <inheritdoc/>
public sealed class FirstLeaseTests : LeaseTests;

/// <inheritdoc/>
public sealed class SecondLeaseTests : LeaseTests;

/// <inheritdoc/>
public sealed class ThirdLeaseTests : LeaseTests;

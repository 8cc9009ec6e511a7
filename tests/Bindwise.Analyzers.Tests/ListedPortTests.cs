namespace Bindwise.Analyzers.Tests;

/// <summary>BWC003, of ports that no list of IPGlobalProperties has, or that a method says are free.</summary>
public sealed class ListedPortTests
{
    private const string Using = "using System.Net.NetworkInformation;\n";

    public static TheoryData<string> Found =>
    [
        // As it is copied from one answer to the next.
        """
        static class PortDiagnostics
        {
            public static int GetAvailablePort(int startingPort)
            {
                var portArray = new List<int>();
                var properties = IPGlobalProperties.GetIPGlobalProperties();
                var connections = properties.GetActiveTcpConnections();
                portArray.AddRange(from n in connections where n.LocalEndPoint.Port >= startingPort select n.LocalEndPoint.Port);
                var endPoints = properties.GetActiveTcpListeners();
                portArray.AddRange(from n in endPoints where n.Port >= startingPort select n.Port);
                portArray.Sort();
                for (var i = startingPort; i < ushort.MaxValue; i++)
                {
                    if (!{|BWC003:portArray.Contains(i)|})
                        return i;
                }
                return 0;
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static TcpListener Open()
            {
                var port = 8080;
                while ({|BWC003:IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(one => one.Port == port)|})
                    port++;
                var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return listener;
            }

            public static void Run(WebApplication app)
            {
                var random = new Random();
                int port;
                do
                {
                    port = random.Next(20000, 30000);
                }
                while ({|BWC003:IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).Contains(port)|});
                app.Run($"http://localhost:{port}");
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static int First(IEnumerable<int> ports)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
                return ports.First(port => !{|BWC003:used.Contains(port)|});
            }

            public static int Next()
            {
                var used = new HashSet<int>();
                foreach (var one in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
                    used.Add(one.Port);
                var free = Enumerable.Range(5000, 1000).Where(port => !{|BWC003:used.Contains(port)|}).FirstOrDefault();
                return free;
            }
        }
        """,
        // By a method of its own, and a loop over the list.
        """
        class PortDiagnostics
        {
            private int _port = 5000;

            public string Url()
            {
                for (var port = 5000; port < 6000; port++)
                {
                    if ({|BWC003:IsFree(port)|})
                        return $"http://localhost:{port}";
                }
                throw new InvalidOperationException("no port");
            }

            public void Choose()
            {
                while (!{|BWC003:IsFree(_port)|})
                    _port++;
            }

            public static bool TryFind(out int port)
            {
                for (port = 5000; port < 6000; port++)
                {
                    var taken = false;
                    foreach (var one in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
                        taken |= {|BWC003:one.Port == port|};
                    if (!taken)
                        return true;
                }
                return false;
            }

            private static bool IsFree(int port)
            {
                foreach (var one in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
                {
                    if (one.Port == port)
                        return false;
                }
                return true;
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static int Find(int start)
            {
                while (!{|BWC003:CanBind(start)|})
                    start++;
                return start;
            }

            private static bool CanBind(int port)
            {
                try
                {
                    using var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            }
        }
        """,
        // The same answer, in other forms.
        """
        static class PortDiagnostics
        {
            public static int Counted(int[] ports)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
                foreach (var port in ports)
                {
                    var isTaken = {|BWC003:used.Count(one => one.Port == port)|} > 0;
                    if (isTaken)
                        continue;
                    return port;
                }
                return 0;
            }

            public static int Added(int port)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
                for (; ; port++)
                {
                    if ({|BWC003:used.Add(port)|})
                        return port;
                }
            }

            public static int Skipped(int[] ports)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
                return ports.SkipWhile(port => {|BWC003:used.Contains(port)|}).First();
            }

            public static int Entered(int port)
            {
                for (; ; port++)
                {
                    var isTaken = false;
                    foreach (var one in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
                    {
                        if ({|BWC003:one.Port == port|})
                        {
                            isTaken = true;
                            break;
                        }
                    }
                    if (!isTaken)
                        return port;
                }
            }

            public static int Asked(int port)
            {
                while ({|BWC003:IsTaken(port)|})
                    port++;
                return port;
            }

            private static bool IsTaken(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(one => one.Port == port);
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // Whether one port is free, or until it is, is another question.
        """
        static class PortDiagnostics
        {
            public static bool IsFree(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().All(one => one.Port != port);

            public static int Wait(int port)
            {
                while (!IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(one => one.Port == port))
                    Thread.Sleep(100);
                return port;
            }

            public static void Start(int port)
            {
                if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(one => one.Port == port))
                    throw new InvalidOperationException($"port {port} is in use");
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
            }

            public static int Count() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).Where(port => port > 1024).Max();
        }
        """,
        // The bind itself decides, and takes the next port.
        """
        static class Server
        {
            public static TcpListener Open()
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
                for (var port = 5000; ; port++)
                {
                    if (used.Contains(port))
                        continue;
                    var listener = new TcpListener(IPAddress.Loopback, port);
                    try
                    {
                        listener.Start();
                        return listener;
                    }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                    }
                }
            }
        }
        """,
        // Every port of a list is opened, or told.
        """
        static class Server
        {
            public static void Open(int[] ports, List<TcpListener> open)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
                foreach (var port in ports)
                {
                    if (used.Any(one => one.Port == port))
                    {
                        Console.WriteLine($"{port} is in use");
                        continue;
                    }
                    var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    open.Add(listener);
                }
            }
        }
        """,
        // Which port a server listens on, or is in the way.
        """
        static class Servers
        {
            public static int? Running(int[] ports)
            {
                var active = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
                foreach (var port in ports)
                {
                    if (active.Any(one => one.Port == port))
                        return port;
                }
                return null;
            }

            public static int First(int[] ports)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
                return ports.FirstOrDefault(port => used.Contains(port));
            }

            public static IPEndPoint Next(int port)
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
                while (used.All(one => one.Port != port) && port < 6000)
                    port++;
                return new IPEndPoint(IPAddress.Loopback, port);
            }

            public static int Counted()
            {
                var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
                for (var port = 5000; ; port++)
                {
                    var isFree = used.Count(one => one.Port == port) == 0;
                    if (isFree)
                        continue;
                    return port;
                }
            }

            public static int Asked()
            {
                for (var port = 5000; port < 6000; port++)
                {
                    if (!IsFree(port))
                        return port;
                }
                return 0;
            }

            public static int Tried()
            {
                var port = 5000;
                for (; ; port++)
                {
                    if (IsTaken(port))
                        break;
                }
                return port;
            }

            private static bool IsFree(int port)
            {
                foreach (var one in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners())
                {
                    if (one.Port == port)
                        return false;
                }
                return true;
            }

            private static bool IsTaken(int port)
            {
                try
                {
                    using var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    return false;
                }
                catch (SocketException)
                {
                    return true;
                }
            }
        }
        """,
        """
        static class Numbers
        {
            private static readonly HashSet<int> Used = new();

            public static int Next()
            {
                for (var number = 1; ; number++)
                {
                    if (IsFree(number))
                        return number;
                }
            }

            private static bool IsFree(int number) => Used.Add(number);
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Port_ThatNoListHas_IsFoundWhereItsNumberGoesOn(string code) => Checked.AsMarkedAsync(Using + code);
}

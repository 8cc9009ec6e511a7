using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>Windows: netstat and PowerShell, http.sys, and the ranges that WinNAT keeps.</summary>
internal static class WindowsAdvice
{
    public static IEnumerable<Remedy> OfUse(PortableContext f)
    {
        var port = f.Port;
        yield return Remedy.Of("see-owner", "See which process holds it; its id is in the last column.", $"netstat -ano | findstr :{port}", "nothing", "none");
        yield return Remedy.Of(
            "see-process",
            "The same in PowerShell, with the process's name.",
            f.Target.Protocol == Protocol.Udp
                ? ShellCommand.Of($"Get-NetUDPEndpoint -LocalPort {port} | ForEach-Object {{ Get-Process -Id $_.OwningProcess }}")
                : ShellCommand.Of($"Get-NetTCPConnection -LocalPort {port} | ForEach-Object {{ Get-Process -Id $_.OwningProcess }}"),
            "nothing",
            "none");
        if (f.Target.Protocol == Protocol.Tcp)
            yield return Remedy.Of("see-http-sys", "If the process is 4 (System), http.sys listens for a service (IIS, WinRM, SQL Server Reporting); this names it.", $"netsh http show servicestate", "nothing", "none");
    }

    public static IEnumerable<Remedy> OfExcludedPort(PortableContext f)
    {
        var port = f.Port;
        var protocol = f.Target.Protocol == Protocol.Udp ? ShellCommand.Of($"udp") : ShellCommand.Of($"tcp");
        // A dual-stack [::] is refused by either; the ranges that surprise people are those of ipv4.
        var family = f.Decisive?.Request.Address is { Family: IpFamily.IPv6, IsAny: false } ? ShellCommand.Of($"ipv6") : ShellCommand.Of($"ipv4");
        yield return Remedy.Of(
            "see-excluded-ranges",
            $"See whether {port} is in an excluded range; ipv4 and ipv6 have their own.",
            $"netsh int {family} show excludedportrange protocol={protocol}",
            "nothing",
            "none");
        yield return Remedy.Of(
            "restart-winnat",
            "If it is, stop WinNAT (as administrator), start the server, then start WinNAT again; it takes other ranges.",
            $"net stop winnat",
            "the ranges that Hyper-V, WSL and Docker hold are given back",
            "their virtual networks are down until: net start winnat");
        yield return Remedy.Of(
            "reserve-port",
            "To keep it for good, reserve the port yourself while WinNAT is stopped.",
            $"netsh int {family} add excludedportrange protocol={protocol} startport={port} numberofports=1",
            "Windows no longer gives the port out by itself; a server that asks for it by number gets it",
            "undo it with delete instead of add");
        yield return Remedy.Of("see-owner", "If it is not, see who holds the port exclusively.", $"netstat -ano | findstr :{port}", "nothing", "none");
    }
}

using System.Reflection;

namespace Bindwise.Packages.Tests;

/// <summary>The rooms that ship in a package.</summary>
internal static class Shipped
{
    private static readonly Dictionary<string, Type> TypeOfRoom = new()
    {
        ["Bindwise"] = typeof(Listener),
        ["Bindwise.AspNetCore"] = typeof(AspNetCore.BindwiseOptions),
        ["Bindwise.Extensions.Hosting"] = typeof(Extensions.Hosting.BindwiseHostOptions),
        ["Bindwise.Model"] = typeof(Diagnosis),
        ["Bindwise.Testing"] = typeof(Testing.PortLease),
        ["Bindwise.Testing.AspNetCore"] = typeof(Testing.AspNetCore.RealPortFactory<>),
        ["Bindwise.Tools"] = typeof(Tools.PortPicker),
    };

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Rooms => TypeOfRoom.Keys;

    /// <summary>A room's assembly.</summary>
    public static Assembly Assembly(string room) => TypeOfRoom[room].Assembly;

    /// <summary>The file of its docstrings.</summary>
    public static string Documentation(string room) => Path.Combine(AppContext.BaseDirectory, room + ".xml");
}

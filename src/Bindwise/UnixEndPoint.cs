namespace Bindwise;

/// <summary>A UNIX path as people write it: .NET writes an abstract name with a NUL in front, and prints it with @.</summary>
internal static class UnixEndPoint
{
    /// <summary>Where the path stands in struct sockaddr_un.</summary>
    private const int PathAt = 2;

    /// <summary>The endpoint of a path, or of <c>@name</c>.</summary>
    public static UnixDomainSocketEndPoint Of(string path) => new(path[0] == '@' ? "\0" + path[1..] : path);

    /// <summary>The path of an endpoint, or <c>@name</c>; of a file whose own name begins with @, <c>./@name</c>.</summary>
    public static string PathOf(UnixDomainSocketEndPoint endPoint)
    {
        var path = endPoint.ToString();
        return path.StartsWith('@') && endPoint.Serialize()[PathAt] != 0 ? "./" + path : path;
    }
}

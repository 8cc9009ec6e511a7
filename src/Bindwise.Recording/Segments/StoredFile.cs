namespace Bindwise.Recording.Segments;

/// <summary>A file of the store.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="Begins">Of a segment and of its index the time of the first line; null of others.</param>
/// <param name="Bytes">How large it is.</param>
internal sealed record StoredFile(string Name, DateTimeOffset? Begins, long Bytes);

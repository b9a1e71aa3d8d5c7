// Package access answers one question: who may enter which theme, for what,
// now. The answer is a *Pass; a theme's store opens for nothing else, so reading
// a theme without being let in does not compile.
//
// # What always holds
//
//   - Default deny. Enter succeeds if and only if the person is not disabled and
//     holds a grant in the theme at that moment. A theme that does not exist and
//     a theme without a grant get the same answer, zoeklicht.NotFound.
//   - A pass is made by Enter, for people, and by Service, for the platform's own
//     processes. It cannot be changed, and it lapses.
//   - Nobody grants anything to themselves. The database says so as well.
//   - A process holds the credential of its own phase only. Service passes come
//     from a Credential that the parent handed over on an inherited descriptor;
//     it is never on a command line, in the environment or in a file of the child.
//   - Every attempt to sign in leaves a row, every act that changes people,
//     grants or themes leaves a row, in the transaction that does it.
//
// # What is stored, and where
//
// The common database (DatabaseName of no theme: CommonDatabase) holds people,
// credentials, sessions, grants and the names of themes, and nothing about
// sources or content. All its SQL is in this package; its tables are described
// in migrations/001_common.sql and the rights of the one role that works there,
// CommonRole, in migrations/grants.sql.
//
// Passwords of database roles are not in any database. They lie in a folder of
// their own, one file for each role, as Credentials describes.
package access

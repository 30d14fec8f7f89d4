@_exported public import ColumnBatches
@_exported public import DeltaLog
@_exported public import DeltaTables
@_exported public import IncrementalFilters
#if HTTP
@_exported public import HTTPTransports
#endif
#if MariaDB
@_exported public import MariaDBConnectors
#endif
@_exported public import MergePlanning
@_exported public import ObjectStores
@_exported public import ParquetFiles
#if SQLite
@_exported public import SQLiteConnectors
#endif
@_exported public import SourceConnectors
@_exported public import StagedChanges
@_exported public import SyncLedgers
@_exported public import Verification
@_exported public import SyncPipelines
#if Services
@_exported public import SyncServices
#endif
#if Masking
@_exported public import ValueMasking
#endif
#if Tracing
@_exported public import TraceExporters
#endif
